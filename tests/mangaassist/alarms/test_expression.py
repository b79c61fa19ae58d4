"""The part of CloudWatch's metric math that alarms are written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.alarms.expression import BadExpression, parse

VALUES = {"a": 6.0, "b": 3.0, "zero": 0.0, "gone": None}

numbers = st.integers(0, 99).map(str) | st.sampled_from(["0.5", "a", "b", "zero", "gone"])
operators = st.sampled_from(["+", "-", "*", "/", ">", "==", "<=", "AND", "OR"])
expressions = st.recursive(
    numbers,
    lambda inner: (
        st.tuples(inner, operators, inner).map(lambda three: "({} {} {})".format(*three))
        | st.tuples(inner, inner, inner).map(lambda three: "IF({}, {}, {})".format(*three))
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"MAX([{', '.join(parts)}])")
        | inner.map(lambda one: f"-({one})")
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 12),
        ("-(a - b)", -3),
        ("a / b", 2),
        ("a > b", 1),
        ("a <= b", 0),
        ("a == 6 AND b == 3", 1),
        ("a == 6 AND b == 4", 0),
        ("a == 5 OR b == 3", 1),
        ("zero OR zero", 0),
        ("IF(a > b, 10, 20)", 10),
        ("IF(a < b, 10, 20)", 20),
        ("IF(a < b, gone, 20)", 20),
        ("FILL(gone, 7)", 7),
        ("FILL(a, 7)", 6),
        ("MAX([a, gone, b])", 6),
        ("MIN([a, b, 4])", 3),
        ("100 * a / FILL(gone, 1)", 600),
        ("\n  a\n", 6),
    ],
)
def test_an_expression_has_a_value(text: str, value: float) -> None:
    assert parse(text).value(VALUES) == value


@pytest.mark.parametrize(
    "text",
    ["gone", "gone + 1", "1 > gone", "gone AND a", "a OR gone", "IF(gone, 1, 2)", "a / zero",
     "MAX([gone])", "-gone"],
)  # fmt: skip
def test_what_depends_on_a_missing_value_is_missing(text: str) -> None:
    assert parse(text).value(VALUES) is None


def test_an_expression_knows_its_names() -> None:
    assert parse("IF(FILL(a, 0) > b, MAX([c, 1]), a)").names == {"a", "b", "c"}


def test_a_name_without_an_entry_is_an_error() -> None:
    with pytest.raises(KeyError):
        parse("other").value(VALUES)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("a +", "cannot be read"),
        ("(" * 300 + "a" + ")" * 300, "cannot be read"),
        ("a and b", "'and' is not understood"),
        ("a if b else c", "is not understood"),
        ("True", "'True' is not understood"),
        ("a < b < c", "chained"),
        ("a ** b", "BinOp is not understood"),
        ("a % b", "BinOp is not understood"),
        ("a.b", "Attribute is not understood"),
        ("a[0]", "Subscript is not understood"),
        ("[a]", "List is not understood"),
        ("'a'", "no plain number"),
        ("1e3", "no plain number"),
        ("0x10", "no plain number"),
        ("1_000", "no plain number"),
        ("A", "small letter"),
        ("_a", "small letter"),
        ("SUM([a])", "SUM is not understood"),
        ("FILL(a, b)", "FILL is not understood"),
        ("FILL(a + 1, 0)", "FILL is not understood"),
        ("MAX(a)", "MAX is not understood"),
        ("MAX([])", "MAX is not understood"),
        ("IF(a, b)", "IF is not understood"),
        ("IF(a, b, 1, c=2)", "no named arguments"),
        ("a.b(1)", "this is not understood"),
        ("__import__('os')", "not understood"),
        ("a + " * 300 + "a", "1201 characters"),
    ],
)
def test_what_cloudwatch_might_understand_otherwise_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadExpression, match=why):
        parse(text)


@given(expressions)
def test_every_combination_has_a_number_or_nothing(text: str) -> None:
    value = parse(text).value(VALUES)
    assert value is None or isinstance(value, float)


@given(expressions)
def test_filled_values_leave_only_divisions_by_zero_without_a_value(text: str) -> None:
    if "/" not in text:
        assert parse(text.replace("gone", "FILL(gone, 1)")).value(VALUES) is not None


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_a_bad_one(text: str) -> None:
    try:
        parse(text)
    except BadExpression as error:
        assert str(error)

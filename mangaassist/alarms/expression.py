"""A part of CloudWatch's metric math that means the same here and there.

Numbers, names of metrics, + - * /, comparisons, AND, OR, IF(condition, a, b), FILL(name, number),
and MAX or MIN of a [list]. A missing value makes a result missing, except in FILL, MAX and MIN;
a division by zero has no value.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

Values = Mapping[str, float | None]  # name → value in one window, None: nothing was reported

LONGEST = 1_024  # characters, as in CloudWatch
NAME = re.compile(r"[a-z][a-zA-Z0-9_]*")
NUMBER = re.compile(r"\d+(\.\d+)?")
# Words that Python would understand and CloudWatch would not.
FOREIGN = re.compile(r"\b(and|or|not|if|else|in|is|for|lambda|True|False|None)\b")

Binary = Callable[[float, float], float]
ARITHMETIC: dict[type[ast.operator], Binary] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
LISTS: dict[str, Callable[[list[float]], float]] = {"MAX": max, "MIN": min}


class BadExpression(ValueError):
    """The text is no expression of the part that is understood; the message says why."""


@dataclass(frozen=True)
class Expression:
    """A checked expression. text: as CloudWatch takes it."""

    text: str
    names: frozenset[str]

    def value(self, values: Values) -> float | None:
        """Raises KeyError for a name that has no entry, not even None."""
        return _value(_tree(self.text), values)


def parse(text: str) -> Expression:
    """Raises BadExpression."""
    if len(text) > LONGEST:
        raise BadExpression(f"it has {len(text)} characters, and CloudWatch takes {LONGEST}")
    foreign = FOREIGN.search(text)
    if foreign:
        raise BadExpression(f"{foreign.group()!r} is not understood; write AND, OR or IF(…)")
    try:
        tree = _tree(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise BadExpression("it cannot be read; look for a bracket or an operator") from error
    names: set[str] = set()
    _check(tree, text, names)
    return Expression(text, frozenset(names))


@lru_cache(maxsize=1_000)
def _tree(text: str) -> ast.expr:
    python = re.sub(r"\b(AND|OR)\b", lambda word: word.group().lower(), text)
    return ast.parse(python.strip(), mode="eval").body


def _check(node: ast.expr, text: str, names: set[str]) -> None:
    match node:
        case ast.Constant():
            _check_number(node, text)
        case ast.Name(id=name):
            if not NAME.fullmatch(name):
                raise BadExpression(f"{name!r} cannot be a name; it begins with a small letter")
            names.add(name)
        case ast.Call():
            _check_call(node, text, names)
        case _:
            for part in _operands(node):
                _check(part, text, names)


def _check_number(node: ast.Constant, text: str) -> None:
    # AND and OR have the length of their Python words, so positions agree.
    written = ast.get_source_segment(text.strip(), node) or ""
    if not NUMBER.fullmatch(written):
        raise BadExpression(f"{written!r} is no plain number")


def _check_call(node: ast.Call, text: str, names: set[str]) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else "this"
    match name, node.args:
        case "IF", [_, _, _]:
            parts = node.args
        case "FILL", [ast.Name(), ast.Constant()]:
            parts = node.args
        case (("MAX" | "MIN"), [ast.List(elts=[_, *_] as parts)]):
            pass
        case _:
            raise BadExpression(
                f"{name} is not understood; there are IF(condition, a, b), FILL(name, number), "
                "MAX([a, b]) and MIN([a, b])"
            )
    if node.keywords:
        raise BadExpression(f"{name} takes no named arguments")
    for part in parts:
        _check(part, text, names)


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return [left, right]
        case ast.BoolOp(values=values):
            return values
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return [left, right]
        case ast.Compare():
            raise BadExpression("comparisons cannot be chained; join them with AND")
    raise BadExpression(f"{type(node).__name__} is not understood")


def _value(node: ast.expr, values: Values) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _called(name, arguments, values)
    operands = [_value(part, values) for part in _operands(node)]
    known = [value for value in operands if value is not None]
    return _combined(node, known) if len(known) == len(operands) else None


def _called(name: str, arguments: list[ast.expr], values: Values) -> float | None:
    match name, arguments:
        case "FILL", [filled, instead]:
            value = _value(filled, values)
            return _value(instead, values) if value is None else value
        case "IF", [condition, then, otherwise]:
            holds = _value(condition, values)
            return None if holds is None else _value(then if holds else otherwise, values)
        case _, [ast.List(elts=parts)]:
            found = [_value(part, values) for part in parts]
            known = [value for value in found if value is not None]
            return LISTS[name](known) if known else None
    raise AssertionError(f"{name} was not checked")


def _combined(node: ast.expr, known: list[float]) -> float | None:
    match node:
        case ast.UnaryOp():
            return -known[0]
        case ast.BinOp(op=ast.Div()) if known[1] == 0:
            return None
        case ast.BinOp(op=op):
            return ARITHMETIC[type(op)](known[0], known[1])
        case ast.BoolOp(op=ast.And()):
            return float(all(known))
        case ast.BoolOp():
            return float(any(known))
        case ast.Compare(ops=[op]):
            return float(COMPARISONS[type(op)](known[0], known[1]))
    raise AssertionError(f"{node} was not checked")

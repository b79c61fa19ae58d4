"""Variants of writing one name compare as equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.search.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾊﾞﾝﾊﾟｲｱ", "ばんぱいあ"),
        ("髙橋の聲", "高橋の声"),
        ("ヴァンパイア", "バンパイア"),
        ("時々ラーメン", "時時らめん"),
        ("ＢＬＵＥ・Giant！", "blue giant"),
        ("キャット", "キヤツト"),
        ("つづく", "ツズク"),
        ("斎藤", "齋藤"),
    ],
)
def test_variants_of_one_name_are_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_other_names_stay_apart() -> None:
    assert len({fold(name) for name in ("ハナ", "バナ", "花", "鼻", "ハンナ")}) == 5


@given(st.text())
def test_a_folded_name_has_no_blanks(text: str) -> None:
    assert not any(letter.isspace() for letter in fold(text))

"""What a message names is told from what the shop does not have."""

from __future__ import annotations

import pytest

from chat.catalogue import QUOTED, Entry, Found
from chat.mentions import named, unknown

EAR = Entry("C1", {"titleJp": "傾かない耳", "titleKana": "カタムカナイミミ", "creator": "つづき春"})
END = Entry("C90818", {"titleJp": "日常の果て", "tags": "日常、料理"})
LOVE = Entry("C3", {"titleJp": "恋"})


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("傾かない耳ってどう？", [EAR]),
        ("「ｶﾀﾑｶﾅｲﾐﾐ」と日常の果て", [EAR, END]),
        ("Is Katamukanai Mimi any good?", [EAR]),
        ("C90818の続きは？", [END]),
        ("傾かない話はある？", []),
    ],
)
def test_only_titles_whose_whole_name_is_there_are_named(message: str, found: list[Entry]) -> None:
    assert list(named(message, (EAR, END))) == found


@pytest.mark.parametrize(
    ("message", "found"),
    [("泣ける恋愛もの", []), ("『恋』はある？", [LOVE]), ("「恋」と『傾かない耳』", [LOVE])],
)
def test_a_name_of_one_character_must_be_quoted(message: str, found: list[Entry]) -> None:
    assert list(named(message, [LOVE])) == found


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("『幻の大傑作』はありますか", ("幻の大傑作",)),
        ("『傾かない耳』と『傾かない』", ("傾かない",)),
        ("『つづき春』の作品は？", ()),
        ('Do you have "Katamukanai Mimi" or "Moon Lamp"?', ("Moon Lamp",)),
        ("『傾かない耳朶』はある？", ()),
        ("『傾かない耳』と『傾かない耳朶』", ("傾かない耳朶",)),
        ("『銃夢』と「BM」は？", ("銃夢", "BM")),
        ("「耳」はありますか", ("耳",)),
        ("「料理」の漫画をもっと教えて", ()),
        ("おすすめは？", ()),
    ],
)
def test_a_quoted_name_that_no_title_has_is_unknown(message: str, names: tuple[str, ...]) -> None:
    assert unknown(message, Found((EAR, END), searched=tuple(QUOTED.findall(message)))) == names


def test_a_name_that_was_not_searched_is_not_called_unknown() -> None:
    found = Found((EAR,), searched=("幻の大傑作",))
    assert unknown("『幻の大傑作』と『月の灯り』と『傾かない耳』", found) == ("幻の大傑作",)

"""The people that one cell names."""

from __future__ import annotations

import pytest

from mangaassist.creators import creators


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("[文]北山八郎、[作・画]堀江卓", ["北山八郎", "堀江卓"]),
        ("高木順/根本敬一", ["高木順", "根本敬一"]),
        ("タカ・ユキ(馬場隆之)", ["タカ・ユキ"]),
        ("", []),
    ],
)
def test_a_cell_may_name_several_people(cell: str, people: list[str]) -> None:
    assert creators(cell) == people

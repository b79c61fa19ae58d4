"""Which header of a file, or name in a JSON object, is which column of a title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from enrichment.uploads.messages import ReleaseError
from enrichment.uploads.rows import COLUMNS, REQUIRED
from mangaassist.cleaning import strip_invisible

MOST_COLUMNS = 100
MOST_TRIED = 10  # rows that are not blank, of which one may be the header
MOST_IGNORED = 20  # names of unknown columns that are told
LONGEST_TOLD = 40  # code points of such a name

ALIASES = {
    "id": "id mangaid titleid itemid itemcode productid productcode sku 作品id タイトルid 漫画id "
    "マンガid 商品id 管理id 識別子 作品コード 商品コード 管理コード 作品番号 商品番号 管理番号 "
    "品番",
    "titleJp": "titlejp titleja japanesetitle タイトル タイトル名 日本語タイトル 作品名 "
    "作品タイトル 漫画タイトル マンガタイトル 書名 書籍名 題名 表題 商品名",
    "titleKana": "titlekana titlereading titleyomi kana reading yomi furigana カナ かな 仮名 ヨミ "
    "よみ 読み 読み方 ヨミガナ よみがな 読みがな 読みガナ 読み仮名 フリガナ ふりがな 振り仮名 "
    "タイトルカナ タイトルかな タイトルヨミ タイトルよみ タイトル読み タイトルフリガナ "
    "タイトルふりがな 作品名カナ 作品名かな 作品名ヨミ 作品名よみ 作品名読み 作品名フリガナ "
    "作品名ふりがな 書名カナ 書名ヨミ 書名フリガナ",
    "creator": "creator author 作者 作者名 著者 著者名 作家 作家名 漫画家 漫画家名",
    "originalCreator": "originalcreator originalauthor originalstory 原作 原作者 原作者名",
    "firstPublished": "firstpublished firstpublication 初出 初出日 初出年 初出年月 初出年月日",
    "volumes": "volumes volumecount numberofvolumes 巻数 全巻数 既刊 既刊数 既刊巻数 冊数",
    "price": "price priceyen pricejpy pricewithtax 価格 価格税込 税込価格 販売価格 販売価格税込 "
    "定価 定価税込 値段",
    "availability": "availability stock stockstatus inventory 在庫 在庫数 在庫状況 在庫状態 "
    "販売状況",
    "note": "note notes memo remark remarks 備考 備考欄 注記 注 メモ 摘要",
}
WEAK_ALIASES = {  # They often name something else, and count when a column has no other.
    "id": "code no コード 番号",
    "titleJp": "title name 名称",
    "creator": "artist 作画 作画者 漫画 マンガ",
    "originalCreator": "original story 原案",
    "firstPublished": "published publishedat publisheddate publicationdate pubdate releasedate "
    "released date 発売日 発売年月日 発売年月 発売年 発行日 発行年月日 発行年月 発行年 刊行日 "
    "出版日 出版年 掲載日 掲載開始日 連載開始日 連載開始 公開日 配信日 年月日 日付",
    "note": "comment comments コメント",
}


def _by_alias(aliases: Mapping[str, str]) -> dict[str, str]:
    return {alias: column for column, words in aliases.items() for alias in words.split()}


STRONG, WEAK = _by_alias(ALIASES), _by_alias(WEAK_ALIASES)
COLUMN_OF = STRONG | WEAK

NO_LETTER = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """A name without what people write differently: width, case, spaces, underscores, brackets."""
    return NO_LETTER.sub("", unicodedata.normalize("NFKC", name).casefold())


def without_blank_end(values: list[str]) -> list[str]:
    """The values up to the last that is not blank; spreadsheets add empty columns."""
    end = len(values)
    while end and not values[end - 1].strip():
        end -= 1
    return values[:end]


def tell(name: str) -> str:
    """A name as messages repeat it."""
    return strip_invisible(" ".join(name.split()))[:LONGEST_TOLD]


class Columns:
    """Finds columns by name and keeps what was found.

    mapping: column to header; it goes before any guess. Raises ReleaseError for an unknown column,
    and for a header that is empty or chosen twice.
    """

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self.mapping: dict[str, str] = {}
        self.found: dict[str, str] = {}  # column -> header as messages repeat it
        self.ignored: list[str] = []  # headers, each once and not too many
        for column, header in (mapping or {}).items():
            self._choose(column, tell(header))

    def _choose(self, column: str, header: str) -> None:
        if column not in COLUMNS:
            raise ReleaseError("unknown_column", column=tell(column), known=", ".join(COLUMNS))
        if not header:
            raise ReleaseError("empty_header", column=column)
        for other, chosen in self.mapping.items():
            if chosen == header:
                raise ReleaseError("repeated_header", header=header, first=other, second=column)
        self.mapping[column] = header

    def fit(self, names: Sequence[str], aliases: Mapping[str, str] | None = None) -> bool:
        """Whether a row with these names can be the header: it has all that is needed.

        aliases: by which columns are known, by default all there are.
        """
        told = {tell(name) for name in names}
        known = self._known(told, COLUMN_OF if aliases is None else aliases) | {*self.mapping}
        return told.issuperset(self.mapping.values()) and known.issuperset(REQUIRED)

    def likeness(self, names: Sequence[str]) -> tuple[int, bool]:
        """How much a row looks like a header that lacks something; the most is the likeliest."""
        return len(self._known({tell(name) for name in names}, COLUMN_OF)), len(names) > 1

    def _known(self, told: set[str], aliases: Mapping[str, str]) -> set[str]:
        others = told - {*self.mapping.values()}
        return {aliases[folded] for folded in map(fold, others) if folded in aliases}

    def header(self, names: Sequence[str], row: str) -> dict[str, int]:
        """The place of each column in a table's header, which is on this row.

        Raises ReleaseError when it is too wide, lacks a column, or has two headers for one.
        """
        if len(names) > MOST_COLUMNS:
            raise ReleaseError("too_wide", found=len(names), most=MOST_COLUMNS)
        self._expect(self.mapping, names)
        places = self.places(names)
        self._require([column for column in REQUIRED if column not in places], names, row)
        return places

    def first_object(self, names: Sequence[str], row: str) -> None:
        """Raises ReleaseError when the first JSON object shows that names are not as expected."""
        self._expect([column for column in REQUIRED if column in self.mapping], names)
        if not self.places(names):
            self._require(REQUIRED, names, row)

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """The place of each column among names.

        Raises ReleaseError when two fit a required column; of others the first is taken.
        """
        told = [tell(name) for name in names]
        places: dict[str, int] = {}
        mapped = {header: column for column, header in self.mapping.items()}
        self._place(places, told, [mapped.get(name, "") for name in told])
        self._place(places, told, [name if name in COLUMNS else "" for name in told])
        for aliases in (STRONG, WEAK):
            self._place(places, told, [aliases.get(fold(name), "") for name in told])
        for column, place in places.items():
            self.found.setdefault(column, told[place])
        self._ignore(name for place, name in enumerate(told) if place not in places.values())
        return places

    def _place(self, places: dict[str, int], told: list[str], columns: list[str]) -> None:
        """Adds the columns that are in no place yet from the names that are no column yet."""
        taken = set(places.values())
        found: dict[str, int] = {}
        for place, column in enumerate(columns):
            if not column or column in places or place in taken:
                continue
            if column in found and column in REQUIRED:
                first, second = told[found[column]], told[place]
                raise ReleaseError("repeated_columns", column=column, first=first, second=second)
            found.setdefault(column, place)
        places.update(found)

    def _expect(self, columns: Sequence[str] | Mapping[str, str], names: Sequence[str]) -> None:
        told = {tell(name) for name in names}
        for column in columns:
            header = self.mapping[column]
            if header not in told:
                raise ReleaseError(
                    "absent_header", column=column, header=header, found=list_of(names)
                )

    def _require(self, missing: Sequence[str], names: Sequence[str], row: str) -> None:
        if missing:
            raise ReleaseError(
                "missing_columns", missing=", ".join(missing), row=row, found=list_of(names)
            )

    def _ignore(self, names: Iterable[str]) -> None:
        for name in names:
            if name and name not in self.ignored and len(self.ignored) < MOST_IGNORED:
                self.ignored.append(name)


def list_of(names: Sequence[str]) -> str:
    """Names as a message repeats them, a dash when there are none."""
    told = [name for name in map(tell, names[:MOST_IGNORED]) if name]
    return ", ".join(told) or "–"

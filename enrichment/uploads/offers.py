"""The ways in which people write a price, a number of volumes and what is in stock."""

from __future__ import annotations

import re
import unicodedata

PRICE = re.compile(
    r"(?:税込み?)?[¥\\]?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?(?:円|yen|jpy)?(?:\(?税込み?\)?)?"
)
VOLUMES = re.compile(r"(?:全|既刊)?([0-9]+)(?:巻|冊|vol(?:ume)?s?\.?)?(?:\(?完結?\)?)?")
COUNT = re.compile(r"([0-9]+)[冊部点個]?")
MOST_DIGITS = {"price": 7, "volumes": 4}
WORDS = {
    "in_stock": "instock available yes 在庫あり あり 有 有り 在庫有 在庫有り ○ 〇 ◎ 残りわずか △",
    "preorder": "preorder 予約 予約可 予約中 予約受付 予約受付中",
    "backorder": "backorder onorder 取寄 取寄せ 取り寄せ お取り寄せ",
    "out_of_stock": "outofstock soldout no 在庫なし なし 無 無し 在庫無 在庫無し × 品切 品切れ "
    "売切 売切れ 売り切れ 完売 絶版",
}
AVAILABILITY_OF = {word: kind for kind, words in WORDS.items() for word in words.split()}
BETWEEN = re.compile(r"[\s_-]+")
EXAMPLES = {
    "price": "748, 1,748円, ¥1,748",
    "volumes": "3, 全3巻, 3 vols",
    "availability": "在庫あり, 在庫なし, 予約, 取り寄せ, in stock, out of stock, 12",
}


def offer(column: str, text: str) -> str:
    """A value of a column of EXAMPLES as the catalogue has it; nothing for what it cannot be.

    Prices are whole yen with tax; of stock, a number says whether there is any.
    """
    plain = BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold())
    if column == "availability":
        counted = COUNT.fullmatch(plain)
        if counted:
            return "in_stock" if int(counted[1]) else "out_of_stock"
        return AVAILABILITY_OF.get(plain, "")
    found = (PRICE if column == "price" else VOLUMES).fullmatch(plain)
    digits = found[1].replace(",", "").lstrip("0") if found else ""
    return digits if len(digits) <= MOST_DIGITS[column] else ""

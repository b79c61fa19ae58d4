"""One fold for names and for what people type, so that variants of writing compare as equal."""

from __future__ import annotations

import re
import unicodedata

NOT_OF_NAMES = re.compile(r"[\W_ー]+")
REPEATED = re.compile(r"(.)々")
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
SOUNDS = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))
LARGE = str.maketrans("ァィゥェォッャュョヮヵヶヂヅヰヱヲ", "アイウエオツヤユヨワカケジズイエオ")
# Old or rare forms before the forms of today; only pairs that names really mix.
VARIANTS = str.maketrans(
    "髙﨑濵濱邊邉齋齊斎德惠澤聲蟲𠮷學國寶戀龍廣瀧圓櫻黑傳號澁靜眞與劍劒鬪鬭戰靈圖壽榮藝萬氣"
    "變體舊佛獨應驛鐵總獸淚亞惡醫當對發豐邨嶋嶌來會畫繪數樂歸燒兒稻假覺單彈團關觀歡權",
    "高崎浜浜辺辺斉斉斉徳恵沢声虫吉学国宝恋竜広滝円桜黒伝号渋静真与剣剣闘闘戦霊図寿栄芸万気"
    "変体旧仏独応駅鉄総獣涙亜悪医当対発豊村島島来会画絵数楽帰焼児稲仮覚単弾団関観歓権",
)


def fold(text: str) -> str:
    """A name as it is compared.

    Without width, case, kind and size of kana, old forms of kanji, marks of long vowels, spaces
    and punctuation.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(VARIANTS)
    folded = REPEATED.sub(r"\1\1", folded).translate(HIRAGANA)
    for written, spoken in SOUNDS:
        folded = folded.replace(written, spoken)
    return NOT_OF_NAMES.sub("", folded.translate(LARGE))

"""Judges a message by rules before any model sees it, and says what may not be answered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from mangaassist.messages import Texts

SPACES = re.compile(r"\s+")
BETWEEN_JAPANESE = re.compile(r"(?<=[ぁ-ヺ一-鿿]) (?=[ぁ-ヺ一-鿿])")
CARD = re.compile(r"(?<!\d)(?:\d[ -]?){14,16}(?!\d)")

REFUSALS = {
    "minors": Texts(
        "その内容にはお答えできません。ほかの漫画についてのご質問をどうぞ。",
        "I cannot help with that. Please ask me about other manga.",
    ),
    "piracy": Texts(
        "海賊版や違法なサイトのご案内はできません。正規に読める漫画をお探しします。",
        "I cannot point to pirated copies. I gladly look for manga that you can read legally.",
    ),
    "self_harm": Texts(
        "おつらい気持ちを話してくださり、ありがとうございます。私ではお力になれませんが、ひとりで抱え込まないでください。"
        "日本国内では「よりそいホットライン」（0120-279-338、24時間無料）に相談できます。",
        "Thank you for saying how hard it is. I am not able to help with this, but please do not "
        "stay alone with it: talk to someone you trust, or to a crisis line where you live "
        "(in Japan: Yorisoi Hotline, 0120-279-338, day and night, free).",
    ),
    "danger": Texts(
        "危険物や違法薬物の作り方にはお答えできません。漫画についてのご質問をどうぞ。",
        "I cannot explain how to make dangerous or illegal things. Please ask me about manga.",
    ),
    "card_number": Texts(
        "カード番号のような個人情報は送らないでください。メッセージは処理していません。番号を消して、もう一度お送りください。",
        "Please do not send personal data such as card numbers. The message was not processed; "
        "take the number out and send it again.",
    ),
    "injection": Texts(
        "案内係の決まりを変えたり、見せたりすることはできません。漫画についてのご質問をどうぞ。",
        "I cannot change or show the rules I work by. Please ask me about manga.",
    ),
    "leak": Texts(
        "この回答は表示できません。別の言い方でご質問ください。",
        "This answer cannot be shown. Please ask in another way.",
    ),
    "model": Texts(
        "その内容にはお答えできません。漫画についてのご質問をどうぞ。",
        "I cannot answer that. Please ask me about manga.",
    ),
}


@dataclass(frozen=True)
class Rule:
    """What may not be asked: a code of REFUSALS, and patterns of the message in lower case."""

    code: str
    patterns: tuple[re.Pattern[str], ...]

    def covers(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self.patterns)


def _rule(code: str, *patterns: str) -> Rule:
    return Rule(code, tuple(map(re.compile, patterns)))


YOUNG = "未成年|小学生|中学生|幼女|園児|ロリ|ショタ"
SEXUAL = "ポルノ|エロ|性的|全裸|ヌード|セックス|性行為"
YOUNG_EN = r"child(?:ren)?|minors?|underage|loli|shota|toddlers?"
SEXUAL_EN = r"porn\w*|nudes?|sex(?:ual)?|erotic\w*|hentai"
RULES = (
    _rule(
        "minors",
        rf"(?:{YOUNG}).{{0,12}}(?:{SEXUAL})|(?:{SEXUAL}).{{0,12}}(?:{YOUNG})",
        rf"\b(?:{YOUNG_EN})\b.{{0,30}}\b(?:{SEXUAL_EN})\b|\b(?:{SEXUAL_EN})\b.{{0,30}}\b(?:{YOUNG_EN})\b",
    ),
    _rule(
        "self_harm",
        r"死にたい(?!ほど)|自殺(?:したい|する方法|の方法|のやり方)|(?:消えて|いなくなって)しまいたい|リストカットし",
        r"\b(?:kill|hurt|cut) myself\b|\bsuicide (?:method|how)|\bways? to (?:die|end my life)\b"
        r"|\bi (?:want|wish) to (?:die|be dead)\b|\bend my (?:own )?life\b",
    ),
    _rule(
        "piracy",
        r"(?:海賊版|漫画村|違法(?:アップロード|ダウンロード)|無断転載|違法サイト).{0,25}"
        r"(?:教えて|どこ|サイト|読みたい|読め|リンク|入手|ください)",
        r"\b(?:pirated?|pirate site|torrents?|scanlations?|illegal (?:scans?|downloads?))\b.{0,40}"
        r"\b(?:where|site|link|download|free|read|get)\b"
        r"|\b(?:where|link|download|get|read)\b.{0,40}\b(?:pirated?|torrents?|scanlations?)\b",
    ),
    _rule(
        "danger",
        r"(?:爆弾|爆発物|毒ガス|覚醒剤|麻薬|拳銃|サリン).{0,10}(?:作り方|製造方法|作る方法|合成方法|作りたい|自作)",
        r"\bhow (?:do i|to|can i) (?:make|build|cook|synthesi[sz]e)\b.{0,20}"
        r"\b(?:bombs?|explosives?|meth|nerve gas|sarin|guns?)\b",
    ),
    _rule(
        "injection",
        r"(?:これまで|今まで|上記|以前|前|すべて|全て|全部)の(?:すべての|全ての)?(?:指示|命令|ルール|決まり|制約)"
        r"(?:を|は)?(?:すべて|全て|全部)?(?:無視|忘れ|破棄|リセット)",
        r"(?:システムプロンプト|内部参照|初期指示|隠された指示)(?:を|の).{0,12}"
        r"(?:表示|教え|出力|見せ|開示|書い|公開|翻訳|要約|繰り返)",
        r"\b(?:ignore|disregard|forget|override) (?:all |any |every |the |your |of |my )*"
        r"(?:previous|prior|above|earlier|preceding|system|initial)\b.{0,20}"
        r"\b(?:instructions?|rules?|prompts?|messages?|directions?)\b",
        r"\b(?:reveal|show|print|repeat|output|display|leak|translate|summari[sz]e|tell)\b.{0,20}"
        r"\b(?:system|initial|internal|your hidden) (?:prompt|instructions?|reference)",
        r"\b(?:developer|dan|jailbreak|god) mode\b",
    ),
)


def judge(message: str) -> str:
    """The code of the first rule against a clean message; empty when it may be answered."""
    text = _compared(message)
    if any(map(_is_card, CARD.findall(text))):
        return "card_number"
    return next(_broken(text), "")


def _broken(text: str) -> Iterator[str]:
    return (rule.code for rule in RULES if rule.covers(text))


def _compared(message: str) -> str:
    """A message without width, case and white space that hides words."""
    text = SPACES.sub(" ", unicodedata.normalize("NFKC", message).casefold())
    return BETWEEN_JAPANESE.sub("", text)


def _is_card(number: str) -> bool:
    """Luhn's check, which one of ten numbers passes; a row of one digit is no card."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0

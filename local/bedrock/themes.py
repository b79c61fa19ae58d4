"""What titles may be about, with words of each theme in Japanese and English.

An embedding model has learnt that such words are near each other; its stand-in looks them up here.
"""

from __future__ import annotations

import re

THEMES = {
    "cooking": ("料理", "グルメ", "食べ物", "ごはん", "レストラン", "cooking", "food", "gourmet"),
    "basketball": ("バスケ", "バスケットボール", "basketball"),
    "football": ("サッカー", "フットボール", "soccer", "football"),
    "baseball": ("野球", "甲子園", "baseball"),
    "sports": ("スポーツ", "部活", "運動部", "sports", "athletics"),
    "moving": ("泣ける", "感動", "涙", "切ない", "heartwarming", "tearjerker", "moving"),
    "romance": ("恋愛", "ラブコメ", "初恋", "片思い", "romance", "love story", "first love"),
    "school": ("学園", "学校", "高校", "青春", "school", "campus", "coming of age"),
    "family": ("家族", "親子", "兄弟", "子育て", "family", "parenting"),
    "friendship": ("友情", "仲間", "親友", "friendship", "friends"),
    "adventure": ("冒険", "旅", "探検", "adventure", "journey", "travel"),
    "fantasy": ("ファンタジー", "魔法", "異世界", "fantasy", "magic", "another world"),
    "science fiction": ("近未来", "宇宙", "ロボット", "science fiction", "space", "robots"),
    "mystery": ("謎解き", "ミステリー", "推理", "探偵", "mystery", "detective"),
    "horror": ("ホラー", "怪談", "怖い", "幽霊", "horror", "ghosts", "scary"),
    "comedy": ("コメディ", "ギャグ", "笑える", "お笑い", "comedy", "funny", "humour"),
    "history": ("歴史", "時代劇", "戦国", "侍", "historical", "samurai", "period piece"),
    "music": ("音楽", "バンド", "ピアノ", "music", "rock band", "piano"),
    "animals": ("動物", "猫", "犬", "ペット", "animals", "cats", "dogs", "pets"),
    "work": ("職業もの", "お仕事", "会社員", "社会人", "workplace", "office"),
    "medicine": ("医療", "医者", "病院", "看護師", "medicine", "doctors", "hospital"),
    "everyday life": ("日常", "ほのぼの", "癒し", "slice of life", "soothing", "everyday life"),
    "crime": ("犯罪", "刑事", "裏社会", "警察", "crime", "police"),
}


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds Japanese words anywhere, since nothing parts them, and English ones whole."""
    found = [re.escape(word) for word in words]
    english = [word for word, written in zip(found, words, strict=True) if written.isascii()]
    japanese = [word for word in found if word not in english]
    return re.compile(f"{'|'.join(japanese)}|(?<![a-z])(?:{'|'.join(english)})(?![a-z])")


PATTERNS = {theme: _pattern(words) for theme, words in THEMES.items()}


def themes(text: str) -> list[str]:
    """The themes of which a folded text has a word."""
    return [theme for theme, pattern in PATTERNS.items() if pattern.search(text)]

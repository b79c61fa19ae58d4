"""Names of titles, and what people type who mean one of them."""

from __future__ import annotations

NAMES = {
    "C1": ["サンデー映画劇場", "サンデーエイガゲキジョウ"],
    "C2": ["もう一度だけグッドバイ", "モウイチドダケグッドバイ"],
    "C3": ["傾かない耳", "カタムカナイミミ"],
    "C4": ["映画"],
}
MEANT = [
    ("さんでーえいがげきじょう", "C1"),
    ("sande eiga gekijo", "C1"),
    ("映画劇場", "C1"),
    ("もう一度だけグッバイ", "C2"),
    ("もう一だけグッドバイ", "C2"),
    ("moichido dake", "C2"),
    ("katamukanai mimi", "C3"),
    ("傾かいない耳", "C3"),
    ("映画", "C4"),
]

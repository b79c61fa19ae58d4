"""The stock of sentences and words that simulated answers are made of, in Japanese and English."""

from __future__ import annotations

OTHER = {"ja": "en", "en": "ja"}
MARK = {"ja": "（模擬応答）", "en": "(simulated) "}
JOIN = {"ja": "", "en": " "}
QUOTED = {"ja": "『{}』", "en": '"{}"'}
UNTITLED = {"ja": "本作", "en": "this series"}

# {title}, {place}, {hero} and {theme} are filled in.
STORY = {
    "ja": [
        "{title}は、{place}を舞台に{hero}が{theme}と向き合う物語です。",
        "ある出来事をきっかけに、{hero}の日常は大きく動き始めます。",
        "仲間との出会いと別れが、静かな余韻を残します。",
        "緻密な画面構成と間の取り方が、{theme}という主題を際立たせます。",
        "章を追うごとに{place}の秘密が少しずつ明かされていきます。",
        "笑いと緊張が交互に訪れ、最後まで読む手が止まりません。",
        "{hero}の選択は、周囲の人々の心も変えていきます。",
        "読み終えた後、{theme}について改めて考えたくなる一作です。",
    ],
    "en": [
        "Set in {place}, {title} follows {hero} through a tale of {theme}.",
        "A single encounter turns an ordinary life upside down.",
        "Friends are won and lost along the way, and each leaves a mark.",
        "Careful pacing and expressive panels bring its theme of {theme} to life.",
        "Chapter by chapter, the secrets of {place} come to light.",
        "Humour and tension alternate right up to the last page.",
        "Every choice made by {hero} changes the people nearby.",
        "It is a story about {theme} that stays with the reader.",
    ],
}
PITCH = {
    "ja": [
        "{title}は{theme}を描く、今こそ読みたい一作！",
        "{place}から始まる{hero}の物語、{title}をぜひ。",
        "笑って泣ける{theme}の傑作、{title}。",
        "最初の一話で引き込まれる{title}の世界へ。",
    ],
    "en": [
        "Discover {title}, a gripping tale of {theme}.",
        "Meet {hero} in {place}: {title} is hard to put down.",
        "If you love stories of {theme}, start {title} today.",
        "One chapter of {title} and you will want them all.",
    ],
}
PLACES = {
    "ja": ["港町", "下町の商店街", "山あいの村", "全寮制の学園", "近未来の都市", "架空の王国"],
    "en": ["a harbour town", "an old market street", "a mountain village", "a boarding school",
           "a near-future city", "an imaginary kingdom"],
}  # fmt: skip
HEROES = {
    "ja": ["無口な少年", "好奇心旺盛な少女", "引退した職人", "新米の教師", "記憶を失った旅人"],
    "en": ["a quiet boy", "a curious girl", "a retired craftsman", "a rookie teacher",
           "a traveller without a past"],
}  # fmt: skip
THEMES = {
    "ja": ["友情", "家族の絆", "喪失と再生", "夢への挑戦", "初恋", "正義と責任"],
    "en": ["friendship", "family ties", "loss and renewal", "chasing a dream", "first love",
           "duty and justice"],
}  # fmt: skip
WORDS = {
    "ja": ["漫画", "青春", "友情", "冒険", "日常", "恋愛", "学園", "家族", "成長", "歴史",
           "感動", "謎解き", "ファンタジー", "コメディ", "ドラマ", "人間模様", "スポーツ",
           "ホラー", "職業もの", "少年漫画", "少女漫画", "青年漫画", "短編", "名作", "群像劇",
           "旅", "動物", "料理", "音楽", "時代劇"],
    "en": ["manga", "coming of age", "friendship", "adventure", "slice of life", "romance",
           "school", "family", "growth", "historical", "heartwarming", "mystery", "fantasy",
           "comedy", "drama", "human drama", "sports", "horror", "workplace", "shonen", "shojo",
           "seinen", "short story", "classic", "ensemble cast", "travel", "animals", "cooking",
           "music", "period piece"],
}  # fmt: skip
KEYWORDS = {
    "ja": ["{title}の漫画", "{title}のあらすじ", "{creator}の作品"],
    "en": ["{title} manga", "{title} synopsis", "manga by {creator}"],
}
ASKED = {
    "ja": "「{}」というご質問ですね。",
    "en": 'You asked: "{}"',
}
SOUGHT = {
    "ja": "「{}」ですね。",
    "en": 'You are looking for "{}".',
}
# The first whose facts are all known.
DESCRIBED = {
    "ja": [
        "{title}は{creator}による{year}年の作品で、{tags}が好きな方に向いています。",
        "{title}は{year}年の作品で、{tags}が好きな方に向いています。",
        "{title}は{creator}による{year}年の作品です。",
        "{title}は{year}年の作品です。",
        "{title}は{creator}の作品です。",
    ],
    "en": [
        "{title} by {creator} came out in {year}, for readers who like {tags}.",
        "{title} came out in {year}, for readers who like {tags}.",
        "{title} by {creator} came out in {year}.",
        "{title} came out in {year}.",
        "{title} is by {creator}.",
    ],
}
FOUND = {
    "ja": "カタログには{}があります。",
    "en": "The catalogue has {}.",
}
UNFOUND = {
    "ja": "カタログでは、当てはまる作品を確認できませんでした。"
    "作品名や作者名がわかれば、もう一度お探しします。",
    "en": "I cannot find a title like that in the catalogue. "
    "A title or an author would help me look again.",
}
MISSING = {
    "ja": "『{}』はカタログでは確認できません。",
    "en": 'I cannot find "{}" in the catalogue.',
}
INVENTED = {  # no catalogue has it
    "ja": "『月影の果ての七つの灯台』[[C00000]]もおすすめです。",
    "en": ' I also recommend "Seven Lighthouses Beyond the Moon" [[C00000]].',
}
AND = {"ja": "と", "en": " and "}
ADVICE = {
    "ja": [
        "お好みのジャンルを教えていただければ、さらに絞り込めます。",
        "気になる作品があれば、あらすじもご案内します。",
        "まずは第一話を読んでみるのがおすすめです。",
    ],
    "en": [
        "Tell me which genres you like and I can narrow it down.",
        "I can also tell you about the story of any title.",
        "The first chapter is a good place to start.",
    ],
}
CLOSING = {
    "ja": ["ほかにも知りたいことがあれば、お気軽にどうぞ。", "良い読書の時間になりますように。"],
    "en": ["Feel free to ask anything else.", "I hope you enjoy your reading."],
}

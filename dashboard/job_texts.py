"""The texts of the pages about jobs and items in Japanese and English."""

from __future__ import annotations

from mangaassist.messages import Texts

JOB_WORDS = {
    # The list
    "all": Texts("すべて", "All"),
    "filter": Texts("絞り込み", "Filter"),
    "search": Texts("ファイル名またはジョブ番号", "File name or job number"),
    "mine": Texts("自分のジョブのみ", "Only mine"),
    "apply": Texts("表示", "Show"),
    "none_match": Texts(
        "条件に合うジョブはありません。条件を変えるか、すべてを表示してください。",
        "No job matches. Change the filter, or show all.",
    ),
    "show_all": Texts("すべて表示", "Show all"),
    "newer": Texts("新しい方へ", "Newer"),
    "older": Texts("古い方へ", "Older"),
    "by": Texts("開始者", "By"),
    "age": Texts("経過", "Age"),
    "by_schedule": Texts("週次実行", "weekly run"),
}

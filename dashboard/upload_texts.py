"""The texts of the upload's pages in Japanese and English."""

from __future__ import annotations

from enrichment.estimate import Fit
from enrichment.kinds import Kind
from enrichment.models import Change, Release
from mangaassist.language import Language
from mangaassist.messages import Texts

WORDS = {
    # The file
    "step_file": Texts("1 ファイル", "1 File"),
    "step_check": Texts("2 確認", "2 Check"),
    "step_plan": Texts("3 計画", "3 Plan"),
    "steps": Texts("手順", "Steps"),
    "choose": Texts("新刊リストのファイル", "A file of titles"),
    "choose_help": Texts(
        "CSV・TSV・Excel（xlsx）・JSON・JSONL。Excel で保存した Shift_JIS（CP932）もそのまま"
        "読めます。枠内にドロップもできます。",
        "CSV, TSV, Excel (xlsx), JSON or JSONL; also Shift_JIS (CP932) as Excel in Japan saves it. "
        "You can drop it on the field.",
    ),
    "send": Texts("アップロード", "Upload"),
    "no_file": Texts("ファイルを選んでください。", "Choose a file."),
    "recent": Texts("最近のアップロード", "Recent uploads"),
    "none": Texts(
        "アップロードはまだありません。上の欄からファイルを選ぶと、内容の確認に進みます。確定するまで何も実行されません。",
        "No uploads yet. Choose a file above; you will see what is in it, and nothing runs before "
        "you confirm.",
    ),
    "name": Texts("ファイル", "File"),
    "at": Texts("日時", "When"),
    "rows": Texts("有効な行", "Good rows"),
    "bad": Texts("誤りのある行", "Bad rows"),
    "warned": Texts("一部の値を除いて取り込む行", "Rows taken without a value"),
    "jobs": Texts("ジョブ", "Jobs"),
    # The check
    "reading": Texts("ファイルを読んでいます…", "The file is being read…"),
    "told": Texts("読み取り方", "How it was read"),
    "format": Texts("形式", "Format"),
    "encoding": Texts("文字コード", "Encoding"),
    "sheet": Texts("シート", "Sheet"),
    "columns": Texts("列の対応", "Columns"),
    "ignored": Texts("使わない列", "Columns not used"),
    "first_rows": Texts("最初の行", "First rows"),
    "line": Texts("行", "Row"),
    "problem": Texts("問題", "What is wrong"),
    "which": Texts("該当する行", "Rows"),
    "and_more": Texts("ほか", "and more"),
    "what_to_do": Texts("対処（最初の行の場合）", "What to do (for the first)"),
    "errors_csv": Texts("すべての誤りを CSV で保存", "Download all errors as CSV"),
    "fix": Texts(
        "誤りのある行は登録されません。直したファイルをもう一度アップロードするか、有効な行だけで進めてください。",
        "Bad rows are left out. Upload a repaired file, or go on with the good rows.",
    ),
    "another": Texts("直したファイルをアップロード", "Upload a repaired file"),
    "go_on": Texts("有効な {count} 行で進む", "Go on with {count} good rows"),
    "mapping": Texts("列の対応を直す", "Say which column is which"),
    "mapping_help": Texts(
        "ファイルの見出しをそのまま書いてください。空欄の列は自動で判断します。",
        "Write the headers as they are in the file. Columns left empty are found by themselves.",
    ),
    "as_before": Texts(
        "見出しが前回の「{name}」（{at}）と同じなので、そのときの対応を入れてあります。確かめてから読み直してください。",
        "The headers are those of {name} of {at}, so the columns that you chose then are filled "
        "in. Look at them and read it again.",
    ),
    "read_again": Texts("この対応で読み直す", "Read it again with these"),
    # The plan
    "write_what": Texts("作成する内容", "What to write"),
    "in_languages": Texts("言語", "Languages"),
    "about_rows": Texts("対象の行", "Rows"),
    "calculate": Texts("見積もる", "Estimate"),
    "choose_one": Texts(
        "内容・言語・対象をそれぞれ一つ以上選んでください。",
        "Choose at least one of each: what, languages, rows.",
    ),
    "estimate": Texts("見積もり", "Estimate"),
    "other_wish": Texts(
        "選択が変わったため、見積もり直しました。確かめてから、もう一度押してください。",
        "The choice has changed, so this is a new estimate. Look at it and press again.",
    ),
    "titles": Texts("作品数", "Titles"),
    "offers": Texts("価格・在庫・巻数のみ更新", "Only shop data changed"),
    "at_no_cost": Texts(
        "{count} 作品（文章は作成せず、費用はかかりません）",
        "{count}, brought up to date without new texts, at no cost",
    ),
    "update": Texts("{titles} 作品の情報を更新する", "Bring {titles} titles up to date"),
    "cost": Texts("費用", "Cost"),
    "range": Texts("{expected}（{low}〜{high}）", "{expected} ({low} to {high})"),
    "about": Texts("約{usd}", "about {usd}"),
    "about_anew": Texts("書き直すと約{usd}", "about {usd} to write anew"),
    "budget": Texts("予算", "Budget"),
    "budget_usd": Texts("予算（米ドル）", "Budget (USD)"),
    "budget_help": Texts(
        "費用がこの額に達する前に、ジョブは自動で一時停止します。空欄は上限なしです。",
        "The job pauses itself before it costs more than this. Empty means no limit.",
    ),
    "no_amount": Texts(
        "予算は0.01ドル以上で、セント単位で入力してください。",
        "A budget is 0.01 USD or more, in whole cents.",
    ),
    "time": Texts("所要時間", "Time"),
    "time_range": Texts("{first}〜{last}", "{first} to {last}"),
    "unknown_time": Texts(
        "処理の実績がまだないため不明です", "unknown until some items have ended"
    ),
    "basis": Texts("根拠", "Based on"),
    "observed": Texts("過去の回答 {count} 件", "{count} earlier answers"),
    "unobserved": Texts("まだ実績がありません", "nothing measured yet"),
    "admission": Texts("受付", "Admission"),
    "taken": Texts("今すぐ受け付けます", "would be taken now"),
    "prompt": Texts("モデルへの指示（{row} 行目）", "The prompt of row {row}"),
    "sample": Texts("試しに3作品だけ作成", "Try three titles"),
    "sample_help": Texts(
        "実際のモデルで最初の3作品だけ作成します。カタログには登録されません。",
        "The real model writes about the first three titles. Nothing gets into the catalogue.",
    ),
    "waits": Texts("作成中…", "being written…"),
    "lost": Texts(
        "2分以上返事がありません。もう一度お試しください。",
        "No answer for two minutes. Try again.",
    ),
    "confirm": Texts("{titles} 作品の作成を始める", "Start with {titles} titles"),
    "weekly": Texts("週次実行で作成（{at}）", "With the weekly run ({at})"),
    "nothing_yet": Texts("まだ何も実行されていません。", "Nothing has run yet."),
    "marked": Texts("週次実行に登録しました（{at}）。", "It starts with the weekly run, {at}."),
    "not_allowed": Texts(
        "アップロードできるのは編集者とオペレーターです。管理者に権限を依頼してください。",
        "Editors and operators may upload. Ask an administrator for the role.",
    ),
}
FITS = {
    Fit.SURELY: Texts("足ります", "enough"),
    Fit.PROBABLY: Texts(
        "見込みどおりなら足ります。超える場合は途中で一時停止します",
        "enough if it goes as expected; else the job pauses on the way",
    ),
    Fit.NOT: Texts(
        "足りません。約{titles}作品で一時停止します",
        "not enough: the job pauses after about {titles} titles",
    ),
}
STATES = {
    Release.State.RECEIVED: Texts("読み取り待ち", "waits to be read"),
    Release.State.STAGING: Texts("読み取り中", "is being read"),
    Release.State.READY: Texts("確認できます", "ready"),
    Release.State.REFUSED: Texts("読めません", "refused"),
}
CHANGES = {
    Change.NEW: Texts("新規", "new"),
    Change.CHANGED: Texts("変更あり", "changed"),
    Change.OFFER: Texts("価格・在庫・巻数のみ変更", "only shop data changed"),
    Change.UNCHANGED: Texts("変更なし", "unchanged"),
}
KINDS = {
    Kind.SYNOPSIS: Texts("あらすじ", "synopsis"),
    Kind.TAGS: Texts("タグ", "tags"),
    Kind.PITCH: Texts("キャッチコピー", "pitch"),
    Kind.KEYWORDS: Texts("検索キーワード", "keywords"),
}
LANGUAGES = {
    Language.JA: Texts("日本語", "Japanese"),
    Language.EN: Texts("英語", "English"),
}
COLUMN_NAMES = {
    "id": Texts("作品ID", "Title's id"),
    "titleJp": Texts("タイトル", "Title"),
    "titleKana": Texts("読み", "Reading"),
    "creator": Texts("作者", "Creator"),
    "originalCreator": Texts("原作者", "Original creator"),
    "firstPublished": Texts("初出", "First published"),
    "note": Texts("備考", "Note"),
    "volumes": Texts("巻数", "Volumes"),
    "price": Texts("税込価格（円）", "Price with tax (yen)"),
    "availability": Texts("在庫", "Availability"),
}

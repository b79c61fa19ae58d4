"""The sentences about releases and their rows: what is wrong, where, and what to do."""

from __future__ import annotations

from mangaassist.messages import Texts

ROW_TEXTS = {
    "missing": Texts(
        "{field} が空です。値を入れてください。",
        "{field} is empty. Fill it in.",
    ),
    "too_long": Texts(
        "{field} が長すぎます（{length} 文字）。{most} 文字以内にしてください。",
        "{field} is too long ({length} characters). Shorten it to at most {most}.",
    ),
    "bad_id": Texts(
        "{field} に使えない文字（{character}）があります。"
        "半角英数字と . _ : - だけにしてください。",
        "{field} has a character that is not allowed ({character}). "
        "Use only A-Z, a-z, 0-9 and . _ : -",
    ),
    "bad_date": Texts(
        "{field} の「{value}」は日付として読み取れません。"
        "2026-11-24、2026/11、2026年のように書いてください。",
        "{field} is “{value}”, which is not a date. Write it like 2026-11-24, 2026/11 or 2026.",
    ),
    "unknown_value": Texts(
        "{field} の「{value}」は読み取れません。{examples} のように書いてください。",
        "{field} is “{value}”, which cannot be read. Write it like {examples}.",
    ),
    "control_character": Texts(
        "{field} に制御文字または改行（{character}）があります。取り除いてください。",
        "{field} has a control character or line break ({character}). Remove it.",
    ),
    "half_character": Texts(
        "{field} に壊れた文字（{character}）があります。入力し直してください。",
        "{field} has a broken character ({character}). Type it again.",
    ),
    "duplicate_id": Texts(
        "{field} の {id} は {first} 行目にもあります。どちらか一つにしてください。",
        "{field} {id} is on row {first} already. Keep one of the two.",
    ),
    "duplicate_row": Texts(
        "{first} 行目とすべて同じ内容です（{field} は {id}）。この行を消してください。",
        "This is the same as row {first} throughout ({field} {id}). Delete this row.",
    ),
    "formula": Texts(
        "{field} の「{value}」は数式のようです。数式ではなく値を入れてください。",
        "{field} is “{value}”, which looks like a formula. Write the value instead.",
    ),
    "formula_cell": Texts(
        "{field} のセルは数式です。コピーして「値の貼り付け」をしてください。",
        "The cell of {field} holds a formula. Copy it and paste it as a value.",
    ),
    "cell_error": Texts(
        "{field} のセルがエラー（{value}）です。正しい値を入れてください。",
        "The cell of {field} shows the error {value}. Enter the right value.",
    ),
    "boolean_cell": Texts(
        "{field} のセルが論理値（{value}）です。セルを文字列にして入力し直してください。",
        "The cell of {field} is the logical value {value}. Format it as text and type it again.",
    ),
    "date_cell": Texts(
        "{field} のセルが日付（{value}）になっています。セルを文字列にして入力し直してください。",
        "The cell of {field} has become the date {value}. Format it as text and type it again.",
    ),
    "no_calendar_date": Texts(
        "{field} のセルの {value} は、Excel の日付の範囲（1900 年～9999 年）にありません。"
        "日付を入力し直してください。",
        "The cell of {field} is {value}, which is outside Excel's dates (1900 to 9999). "
        "Type the date again.",
    ),
    "formatted_cell": Texts(
        "{field} のセルは、値（{value}）と見た目が表示形式で異なります。"
        "セルを文字列にして入力し直してください。",
        "The cell of {field} holds {value} and looks different through its number format. "
        "Format it as text and type it again.",
    ),
    "too_many_digits": Texts(
        "{field} のセルは数値（{value}）で、16 桁目以降が失われています。"
        "セルを文字列にして入力し直してください。",
        "The cell of {field} is the number {value}, which has lost its digits after the 15th. "
        "Format it as text and type it again.",
    ),
    "too_many_columns": Texts(
        "列が {found} 個ありますが、見出しは {expected} 個です。"
        "区切り文字を含む値は \" で囲んでください。",
        "There are {found} columns, but the header has {expected}. "
        "Put values with a delimiter in \" quotes.",
    ),
    "too_wide": Texts(
        "列が {found} 個あります。{most} 個以内にしてください。",
        "There are {found} columns. Keep at most {most}.",
    ),
    "unclosed_quote": Texts(
        "引用符 \" が閉じていません。閉じるか、値の中の \" を \"\" と書いてください。",
        "A quote \" is not closed. Close it, or write a \" inside a value as \"\".",
    ),
    "bad_quote": Texts(
        "引用符または改行の位置が正しくありません。"
        "値全体を \" で囲み、中の \" は \"\" と書いてください。",
        "Quotes or line breaks are misplaced. "
        "Put the whole value in \" and write a \" inside as \"\".",
    ),
    "line_too_long": Texts(
        "行が長すぎます。{most} 文字以内にしてください。",
        "The row is too long. Shorten it to at most {most} characters.",
    ),
    "invalid_json": Texts(
        "正しい JSON ではありません（{position} 文字目）。"
        "1 行に 1 つのオブジェクトを書いてください。",
        "This is not valid JSON (at character {position}). Write one object on each line.",
    ),
    "too_deep": Texts(
        "JSON の入れ子が深すぎます。値は文字列にしてください。",
        "The JSON is nested too deeply. Write plain texts as values.",
    ),
    "not_an_object": Texts(
        "JSON オブジェクトではありません。{{ }} で囲んだ 1 つのオブジェクトにしてください。",
        "This is not a JSON object. Write one object in {{ }}.",
    ),
    "repeated_name": Texts(
        "同じ名前の項目（{name}）が 2 つあります。どちらか一つにしてください。",
        "The name {name} is there twice in the object. Keep one of the two.",
    ),
    "bad_number": Texts(
        "{value} は扱える数値ではありません。値を \" で囲んでください。",
        "{value} is not a number that can be read. Put the value in \" quotes.",
    ),
    "wrong_type": Texts(
        "{field} が文字列ではありません。値を \" で囲んでください。",
        "{field} is not a text. Put the value in \" quotes.",
    ),
    "repeated_columns": Texts(
        "「{first}」と「{second}」はどちらも {column} の列です。"
        "どちらか一つにするか、対応する見出しを選んでください。",
        "“{first}” and “{second}” are both the column {column}. "
        "Keep one of the two, or choose which header it is.",
    ),
}  # fmt: skip

TAKEN = Texts(
    "行は取り込み、この値だけは今のままにします。",
    "The row is taken; only this value stays as it is.",
)
HEADLINES = {
    "missing": Texts("必須の値がない", "Required value missing"),
    "too_long": Texts("値が長すぎる", "Value too long"),
    "bad_id": Texts("ID に使えない文字がある", "Characters not allowed in an id"),
    "bad_date": Texts("日付ではない", "Not a date"),
    "unknown_value": Texts("読み取れない値", "Value that cannot be read"),
    "control_character": Texts("制御文字や改行がある", "Control character or line break"),
    "half_character": Texts("壊れた文字がある", "Broken character"),
    "duplicate_id": Texts("ID が重複している", "Id used twice"),
    "duplicate_row": Texts("同じ行が重複している", "Row there twice"),
    "formula": Texts("数式のような値がある", "Value like a formula"),
    "formula_cell": Texts("数式のセルがある", "Cell with a formula"),
    "cell_error": Texts("エラーのセルがある", "Cell with an error"),
    "boolean_cell": Texts("論理値のセルがある", "Cell with a logical value"),
    "date_cell": Texts("日付になったセルがある", "Cell that became a date"),
    "no_calendar_date": Texts("暦にない日付のセルがある", "Cell with an impossible date"),
    "formatted_cell": Texts("表示形式で値が異なるセルがある", "Cell that looks different"),
    "too_many_digits": Texts("桁が失われた数値がある", "Number that lost digits"),
    "too_many_columns": Texts("列が見出しより多い", "More columns than the header"),
    "too_wide": Texts("列が多すぎる", "Too many columns"),
    "unclosed_quote": Texts("引用符が閉じていない", "Quote not closed"),
    "bad_quote": Texts("引用符の位置が正しくない", "Quote misplaced"),
    "line_too_long": Texts("行が長すぎる", "Row too long"),
    "invalid_json": Texts("正しい JSON ではない", "Not valid JSON"),
    "too_deep": Texts("JSON の入れ子が深すぎる", "JSON nested too deeply"),
    "not_an_object": Texts("JSON オブジェクトではない", "Not a JSON object"),
    "repeated_name": Texts("同じ名前の項目がある", "Name there twice"),
    "bad_number": Texts("扱えない数値がある", "Unusable number"),
    "wrong_type": Texts("文字列ではない", "Not a text"),
    "repeated_columns": Texts("同じ列が 2 つある", "Column there twice"),
}

RELEASE_TEXTS = {
    "empty_file": Texts(
        "ファイルが空です。見出しとデータのあるファイルを選んでください。",
        "The file is empty. Choose one with a header and rows.",
    ),
    "cannot_be_read": Texts(
        "ファイルの読み込みに何度も失敗しました（{cause}）。"
        "もう一度アップロードし、続くときは管理者に知らせてください。",
        "Reading the file failed again and again ({cause}). "
        "Upload it once more; if it goes on, tell the administrator.",
    ),
    "no_rows": Texts(
        "データの行がありません。作品の行を追加してください。",
        "The file has no rows of data. Add the titles.",
    ),
    "too_many_rows": Texts(
        "行数が {most} 行を超えています。ファイルを分けてください。",
        "The file has more than {most} rows. Split it.",
    ),
    "wrong_encoding": Texts(
        "{row} 行目（{offset} バイト目）に {encoding} として読めない文字があります。"
        "直すか、UTF-8 で保存し直してください。",
        "Line {row} (byte {offset}) cannot be read as {encoding}. "
        "Correct it, or save the file as UTF-8 and upload it again.",
    ),
    "unsupported_encoding": Texts(
        "文字コードが {encoding} です。UTF-8 で保存し直してください。",
        "The encoding is {encoding}, which is not read here. Save the file as UTF-8.",
    ),
    "binary_file": Texts(
        "テキストファイルではありません。CSV、TSV、JSON、JSONL、XLSX のどれかを選んでください。",
        "This is not a text file. Choose a CSV, TSV, JSON, JSONL or XLSX file.",
    ),
    "not_a_table": Texts(
        "{what} のファイルです。CSV、TSV、JSON、JSONL、XLSX のどれかを選んでください。",
        "This is a file of the kind {what}. Choose a CSV, TSV, JSON, JSONL or XLSX file.",
    ),
    "compressed": Texts(
        "圧縮されたファイル（{what}）です。展開してからアップロードしてください。",
        "The file is compressed ({what}). Unpack it and upload it again.",
    ),
    "old_workbook": Texts(
        "古い形式（.xls）か、パスワード付きの Excel ファイルです。"
        "パスワードを外し、.xlsx で保存し直してください。",
        "This is an old Excel file (.xls), or one with a password. "
        "Remove the password and save it as .xlsx.",
    ),
    "not_a_workbook": Texts(
        "ZIP のファイルですが、Excel ブック（.xlsx）ではありません。"
        "展開するか、.xlsx で保存し直してください。",
        "This is a ZIP file, but not an Excel workbook (.xlsx). Unpack it, or save it as .xlsx.",
    ),
    "damaged_workbook": Texts(
        "Excel ブックが壊れています。Excel で開き、.xlsx で保存し直してください。",
        "The workbook is damaged. Open it in Excel and save it as .xlsx again.",
    ),
    "unsafe_workbook": Texts(
        "Excel ブックに許可されない XML の宣言があります。"
        "Excel で新しいブックにコピーしてください。",
        "The workbook has XML declarations that are not allowed. Copy it to a new one in Excel.",
    ),
    "too_many_parts": Texts(
        "Excel ブックの構成ファイルが {most} 個を超えています。"
        "作品のシートだけを新しいブックにコピーしてください。",
        "The workbook has more than {most} parts. Copy only the sheet of titles to a new one.",
    ),
    "too_large_unpacked": Texts(
        "Excel ブックを展開すると {found} バイトになります。"
        "{most} バイト以内で、作品のシートだけにしてください。",
        "Unpacked, the workbook has {found} bytes. "
        "Keep only the sheet of titles, at most {most} bytes.",
    ),
    "too_many_texts": Texts(
        "Excel ブックの文字列が {most} 個を超えています。ブックを分けてください。",
        "The workbook has more than {most} texts. Split it.",
    ),
    "too_much_text": Texts(
        "Excel ブックの文字列が合わせて {most} 文字を超えています。ブックを分けてください。",
        "The texts of the workbook have more than {most} characters together. Split it.",
    ),
    "no_visible_sheet": Texts(
        "表示されているシートがありません。作品のシートを再表示してください。",
        "The workbook has no visible sheet. Unhide the sheet of titles.",
    ),
    "json_scalar": Texts(
        "JSON の値が 1 つだけです。作品のオブジェクトを [ ] の中に並べてください。",
        "The file is a single JSON value. List the titles as objects in [ ].",
    ),
    "json_object": Texts(
        "JSON オブジェクトが 1 つだけか、複数行にわたっています。"
        "作品のオブジェクトを [ ] の中に並べるか、1 行に 1 つ書いてください。",
        "The file is one JSON object, or its objects go on over several lines. "
        "List the titles as objects in [ ], or write one on each line.",
    ),
    "truncated_json": Texts(
        "JSON が {line} 行目（{position} 文字目、{element} 件目）で途切れています。"
        "最後までそろったファイルを選んでください。",
        "The JSON ends too early, on line {line} (character {position}, element {element}). "
        "Choose the complete file.",
    ),
    "broken_json": Texts(
        "{line} 行目（{position} 文字目、{element} 件目）で JSON の書き方が正しくありません。"
        "直してください。",
        "The JSON is not valid on line {line} (character {position}, element {element}). "
        "Correct it.",
    ),
    "element_too_deep": Texts(
        "{line} 行目（{element} 件目）の JSON の入れ子が深すぎます。値は文字列にしてください。",
        "The JSON on line {line} (element {element}) is nested too deeply. "
        "Write plain texts as values.",
    ),
    "element_too_long": Texts(
        "{line} 行目の {element} 件目が長すぎます。{most} 文字以内にしてください。",
        "Element {element}, on line {line}, is too long. Shorten it to at most {most} characters.",
    ),
    "bad_header": Texts(
        "{row} 行目の見出しが読めません。引用符と改行を確かめてください。",
        "The header on line {row} cannot be read. Check its quotes and line breaks.",
    ),
    "missing_columns": Texts(
        "見出しとして読んだ行（{row}）に {missing} の列がありません。"
        "列を追加するか、対応する見出しを選んでください。見つかった見出し：{found}",
        "Row {row}, which was read as the header, lacks {missing}. "
        "Add it, or choose which header it is. Found: {found}",
    ),
    "single_column": Texts(
        "見出しの行（{row} 行目）に列が 1 つしかありません（{found}）。"
        "列をカンマ、タブ、セミコロンのどれかで区切ってください。",
        "The header on line {row} has a single column ({found}). "
        "Separate the columns with commas, tabs or semicolons.",
    ),
    "empty_header": Texts(
        "{column} に選ばれた見出しが空です。見出しを選ぶか、{column} の選択を外してください。",
        "The header that was chosen for {column} is empty. Choose one, or leave {column} out.",
    ),
    "repeated_header": Texts(
        "見出し「{header}」が {first} と {second} の両方に選ばれています。"
        "どちらか一つにしてください。",
        "The header “{header}” was chosen for both {first} and {second}. Keep one of the two.",
    ),
    "absent_header": Texts(
        "{column} に選ばれた見出し「{header}」がありません。見つかった見出し：{found}",
        "The header “{header}” that was chosen for {column} is not there. Found: {found}",
    ),
    "unknown_column": Texts(
        "{column} という列はありません。次のどれかにしてください：{known}",
        "There is no column {column}. Choose one of these: {known}",
    ),
}  # fmt: skip

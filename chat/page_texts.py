"""Every text of the chat's page in Japanese and English; names in braces are filled in there."""

from __future__ import annotations

from mangaassist.messages import Texts

WORDS = {
    # The frame of the page
    "title": Texts("マンガアシスト", "MangaAssist"),
    "description": Texts(
        "漫画選びをお手伝いするチャット", "A chat that helps you find your next manga"
    ),
    "skip": Texts("メッセージの入力へ移動", "Skip to the message field"),
    "conversation": Texts("会話", "Conversation"),
    "other_language": Texts("English", "日本語"),
    "other_language_code": Texts("en", "ja"),
    "clear": Texts("会話を消去", "Clear chat"),
    "keys": Texts("キーボード操作", "Keyboard"),
    "close": Texts("閉じる", "Close"),
    "no_script": Texts(
        "このチャットを使うには、ブラウザの設定でJavaScriptを有効にしてください。",
        "Turn JavaScript on in your browser to use this chat.",
    ),
    # The beginning
    "welcome": Texts("どんな漫画をお探しですか？", "What would you like to read?"),
    "welcome_more": Texts(
        "好きな作品、気分、予算などを自由に書いてください。カタログから一緒に探します。",
        "Tell me what you love, your mood or your budget. I will look through our catalogue.",
    ),
    "suggestions": Texts("質問の例", "Examples"),
    "suggestion_1": Texts("完結済みで泣ける漫画は？", "A finished series that made people cry?"),
    "suggestion_2": Texts("小学生への贈り物には？", "A gift for a ten-year-old?"),
    "suggestion_3": Texts("1巻で完結するSFを教えて", "Science fiction in a single volume"),
    "older": Texts("以前の会話を表示", "Show earlier messages"),
    "summary": Texts("これまでの会話の要約", "Summary of the conversation so far"),
    "latest": Texts("最新のメッセージへ", "To the latest message"),
    # The message field
    "message": Texts("メッセージ", "Message"),
    "placeholder": Texts("漫画について質問する", "Ask about manga"),
    "send": Texts("送信", "Send"),
    "stop": Texts("回答を停止", "Stop the answer"),
    "count": Texts("{count}/{max}文字", "{count}/{max} characters"),
    "wait": Texts(
        "回答が終わるまでお待ちください。Escキーで停止できます。",
        "Wait for the answer to end. Esc stops it.",
    ),
    "disclaimer": Texts(
        "AIの回答は誤りを含むことがあります。会話は最後のメッセージから30分で消えます。",
        "AI answers can be wrong. A chat is gone 30 minutes after its last message.",
    ),
    # A question
    "you": Texts("あなた", "You"),
    "same_question": Texts("同じ質問への別の回答", "Another answer to the same question"),
    "sending": Texts("送信しています…", "Sending…"),
    "unsent": Texts("まだ送信できていません。", "Not sent yet."),
    "retry": Texts("再送信", "Try again"),
    "retry_in": Texts("再送信（{seconds}秒後）", "Try again in {seconds} s"),
    "edit": Texts("編集", "Edit"),
    # An answer
    "assistant": Texts("アシスタント", "Assistant"),
    "searching": Texts("検索中", "Searching"),
    "thinking": Texts("考え中", "Thinking"),
    "writing": Texts("執筆中", "Writing"),
    "stopping": Texts("停止しています", "Stopping"),
    "stopped": Texts("途中で停止しました。", "Stopped."),
    "truncated": Texts(
        "長さの上限に達したため、ここまでです。", "This is as long as an answer can be."
    ),
    "incomplete": Texts(
        "回答が途中で切れました。もう一度お試しください。",
        "The answer was cut off. Please try again.",
    ),
    "refused": Texts("この質問にはお答えできません。", "I cannot answer this question."),
    "deferred": Texts(
        "混み合っています。回答ができしだい、ここに表示します。",
        "We are busy. The answer will appear here as soon as it is ready.",
    ),
    "failed": Texts(
        "回答を作成できませんでした。もう一度お試しください。",
        "The answer could not be written. Please try again.",
    ),
    "withdrawn": Texts(
        "この回答は、確認の結果、取り下げました。", "A review withdrew this answer."
    ),
    "late": Texts("お待たせしました。回答が届きました。", "Thank you for waiting. Here it is."),
    # The titles of an answer
    "cards": Texts("紹介した作品", "Titles in this answer"),
    "price": Texts("{price}（税込）", "{price} incl. tax"),
    "volumes": Texts("{count}巻", "{count} vol."),
    "in_stock": Texts("在庫あり", "In stock"),
    "preorder": Texts("予約受付中", "Pre-order"),
    "backorder": Texts("お取り寄せ", "On back order"),
    "out_of_stock": Texts("在庫なし", "Out of stock"),
    "new_tab": Texts("（新しいタブで開きます）", " (opens in a new tab)"),
    "next": Texts("続けて質問する", "Ask next"),
    # What can be done with an answer
    "copy": Texts("コピー", "Copy"),
    "copied": Texts("コピーしました", "Copied"),
    "again": Texts("別の回答を作成", "Write another answer"),
    "good": Texts("役に立った", "Helpful"),
    "bad": Texts("役に立たなかった", "Not helpful"),
    "reason": Texts("どこがよくなかったですか？（任意）", "What was wrong? (optional)"),
    "reason_send": Texts("理由を送る", "Send the reason"),
    "thanks": Texts("ご協力ありがとうございます。", "Thank you for telling us."),
    # What is announced to screen readers
    "answer_begins": Texts("回答を作成しています", "The answer is being written"),
    "answer_ended": Texts("回答が届きました", "The answer is there"),
    # The connection
    "connecting": Texts("接続しています…", "Connecting…"),
    "reconnecting": Texts(
        "接続が切れました。再接続しています…", "The connection was lost. Reconnecting…"
    ),
    "offline": Texts(
        "オフラインです。接続が戻ると、未送信のメッセージを送ります。",
        "You are offline. What is not sent yet will go out when you are back.",
    ),
    "connect_now": Texts("今すぐ接続", "Connect now"),
    "connected": Texts("接続しました", "Connected"),
    # The end of a login
    "signed_out": Texts("ログインが終了しました", "You are signed out"),
    "signed_out_more": Texts(
        "これまでの会話は、もう一度ログインすると表示されます。ログインせずに、新しい会話を始めることもできます。",
        "Sign in again to see your chat, or go on with a new one without signing in.",
    ),
    "sign_in": Texts("ログイン", "Sign in"),
    "go_on": Texts("ログインせずに続ける", "Continue as a guest"),
    # Clearing
    "clear_question": Texts("会話を消去しますか？", "Clear this chat?"),
    "clear_more": Texts(
        "すべてのメッセージが削除されます。元に戻すことはできません。",
        "All messages are deleted for good.",
    ),
    "clear_yes": Texts("消去する", "Clear"),
    "clear_no": Texts("キャンセル", "Cancel"),
    "cleared": Texts("会話を消去しました", "The chat is cleared"),
    # Keys
    "key_enter": Texts("送信", "Send"),
    "key_newline": Texts("改行", "New line"),
    "key_escape": Texts("回答を停止", "Stop the answer"),
    "key_up": Texts(
        "入力欄が空のとき、前のメッセージを呼び出す", "Recall your last message into an empty field"
    ),
}

"""What a pause of each pool stops, and what goes on, in Japanese and English."""

from __future__ import annotations

from mangaassist.messages import Texts
from mangaassist.pools import DEFERRED, ENRICHMENT, MAINTENANCE, MODERATION, WEBSOCKET

STOPS = {
    ENRICHMENT.name: Texts(
        "待っている作品は、どのジョブのものもキューに送られません。オートスケーラーはワーカー数を変えません。",
        "No waiting title of any job is sent to the queue. "
        "The autoscaler leaves the workers as they are.",
    ),
    MODERATION.name: Texts(
        "完了した回答の二度目の確認が止まります。確認で取り下げられるはずの回答も、再開するまで表示されたままです。",
        "Finished answers get no second look, so one that it would withdraw stays readable until "
        "you resume.",
    ),
    MAINTENANCE.name: Texts(
        "アップロードされたファイルは読み取られず、変更された作品は検索に反映されず、照合も始まりません。",
        "Uploaded files are not read, changed titles do not get into the search, and no comparison "
        "with the catalogue begins.",
    ),
}
GOES_ON = {
    ENRICHMENT.name: Texts(
        "送信済みの{outstanding}作品は最後まで処理されます。アップロード、試作、新しいジョブの受付、チャットも続きます。"
        "何も失われません。",
        "The {outstanding} titles that were sent are worked off. "
        "Uploads, samples, new jobs and the chat go on. Nothing is lost.",
    ),
    MODERATION.name: Texts(
        "質問を受け取ったときの確認と、回答を書きながらの確認は続きます。二度目の確認は記録に残り、再開すると古い順に行われます。",
        "What judges each message before it is answered, and each answer while it is written, goes "
        "on. Every second look stays owed and is taken after you resume, the oldest first.",
    ),
    MAINTENANCE.name: Texts(
        "送信済みのものは処理されます。アップロードは受け付けられて待ちます。"
        "manage.py enrich は自分でファイルを読みます。"
        "実行中のジョブとチャットも続きます。何も失われません。",
        "What was sent is worked off. Uploads are taken and wait; manage.py enrich reads its file "
        "itself. Running jobs and the chat go on. Nothing is lost.",
    ),
}
NEVER = {
    DEFERRED.name: Texts(
        "遅れた回答をお客様が待っています（10分で打ち切り）。待たせたまま止めることはしません。",
        "A shopper waits for each late answer, and gives up after ten minutes: that cannot wait.",
    ),
    WEBSOCKET.name: Texts(
        "キューがなく、Webプロセスの中で働きます。止めるにはWebプロセスを止めてください。",
        "It has no queue: it works inside the web processes. Only to stop those stops it.",
    ),
}

"""What Django answers outside of views: problem documents under /api/, its own pages elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from mangaassist.api.documents import CONTENT_TYPE, problem_document
from mangaassist.language import current
from mangaassist.messages import Texts
from mangaassist.request_ids import KEY

API = "/api/"

BAD_REQUEST = Texts(
    "リクエストを読み取れません。形式を確かめてください。",
    "The request cannot be read. Check its form.",
)
DENIED = Texts("この操作を行う権限がありません。", "You may not do this.")
NOT_FOUND = Texts(
    "このアドレスには何もありません。アドレスを確かめてください。",
    "There is nothing at this address. Check the address.",
)
SERVER_ERROR = Texts(
    "サーバーでエラーが起きました。続くときは、番号 {id} を添えて管理者に知らせてください。",
    "The server made an error. If it goes on, tell the administrator the number {id}.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    return _problem(400, "bad_request", BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.permission_denied(request, exception)
    return _problem(403, "permission_denied", DENIED)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.page_not_found(request, exception)
    return _problem(404, "not_found", NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django has logged the traceback by now, with the same number."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    return _problem(500, "internal_error", SERVER_ERROR, request.META[KEY])


def _problem(status: int, code: str, texts: Texts, request_id: str = "") -> HttpResponse:
    language = current()
    extra = {"request_id": request_id} if request_id else None
    detail = texts.text(language, {"id": request_id})
    return JsonResponse(
        problem_document(status, code, detail, language, extra),
        status=status,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )

"""What is answered outside of views: problem documents under /api/, pages for people elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from mangaassist.api.documents import CONTENT_TYPE, problem_document
from mangaassist.content_policy import content_policy
from mangaassist.language import current, named
from mangaassist.messages import Texts
from mangaassist.request_ids import KEY

API = "/api/"
HOMES = ("/dashboard/", "/admin/", "/chat/")  # first pages, the last for addresses of none

BAD_REQUEST = Texts(
    "リクエストを読み取れません。形式を確かめてください。",
    "The request cannot be read. Check its form.",
)
DENIED = Texts(
    "権限がありません。必要なときは、管理者に役割を依頼してください。",
    "You may not do this. Ask an administrator for the role if you need it.",
)
STALE = Texts(
    "送信元を確認できませんでした。前のページを読み込み直し、Cookieを有効にして、もう一度お試しください。",
    "The form could not be checked. Reload the page before this one, allow cookies, and try again.",
)
NOT_FOUND = Texts(
    "このアドレスには何もありません。アドレスを確かめてください。",
    "There is nothing at this address. Check the address.",
)
SERVER_ERROR = Texts(
    "サーバーでエラーが起きました。続くときは、番号 {id} を添えて管理者に知らせてください。",
    "The server made an error. If it goes on, tell the administrator the number {id}.",
)
TO_HOME = Texts("最初のページへ", "To the first page")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 400, "bad_request", BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403, "permission_denied", DENIED)


def csrf_failure(request: HttpRequest, reason: str) -> HttpResponse:
    """Django has logged the reason by now."""
    return _told(request, 403, "csrf_failed", STALE)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, "not_found", NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django has logged the traceback by now, with the same number."""
    return _told(request, 500, "internal_error", SERVER_ERROR, request.META[KEY])


def _told(
    request: HttpRequest, status: int, code: str, texts: Texts, request_id: str = ""
) -> HttpResponse:
    if request.path.startswith(API):
        return _problem(status, code, texts, request_id)
    return _page(request, status, texts, request_id)


def _problem(status: int, code: str, texts: Texts, request_id: str) -> HttpResponse:
    language = current()
    extra = {"request_id": request_id} if request_id else None
    detail = texts.text(language, {"id": request_id})
    return JsonResponse(
        problem_document(status, code, detail, language, extra),
        status=status,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def _page(request: HttpRequest, status: int, texts: Texts, request_id: str) -> HttpResponse:
    """Without a question to the database, which may be what is broken."""
    asked = named(request.GET.get("lang")) or named(request.COOKIES.get("lang"))
    language = asked or current()
    homes = (home for home in HOMES if request.path.startswith(home) and request.path != home)
    html = render_to_string(
        "error.html",
        {
            "language": language.value,
            "status": status,
            "detail": texts.text(language, {"id": request_id}),
            "home": next(homes, HOMES[-1]),
            "to_home": TO_HOME.text(language, {}),
        },
    )
    policy = content_policy("form-action 'none'")
    return HttpResponse(html, status=status, headers={"Content-Security-Policy": policy})

"""Routes of WebSockets."""

from __future__ import annotations

from channels.auth import AuthMiddleware
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware, InstanceSessionWrapper, SessionMiddleware
from django.urls import URLPattern, path, re_path

from chat.assistant import Assistant
from chat.connections import Connections
from chat.consumer import ChatConsumer
from chat.conversation import Conversation
from chat.gateway import Gateway
from chat.origins import OwnOrigins
from mangaassist import draining
from mangaassist.body_limit import App, Receive, Scope, Send


class Sessions(SessionMiddleware):  # type: ignore[misc]
    """Channels' own, which would look after each frame whether a session is to be saved."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wrapper = InstanceSessionWrapper(scope, send)
        await wrapper.resolve_session()
        await self.inner(wrapper.scope, receive, send)


def websockets(*routes: URLPattern) -> App:
    """The ASGI application for all WebSockets of a process; a path without a route is refused."""
    refused = re_path("", WebsocketDenier.as_asgi())
    routed = URLRouter([*routes, refused])
    return OwnOrigins(CookieMiddleware(Sessions(AuthMiddleware(routed))))


def chat(conversation: Conversation) -> URLPattern:
    """The route of the chat, which is drained at the end of the process."""
    connections = Connections(conversation)
    draining.drains.append(connections.drain)
    route: URLPattern = path("ws/chat/", ChatConsumer.as_asgi(connections=connections))
    return route


application = websockets(chat(Assistant()))


def gateway(http: App) -> App:
    """The connections of API Gateway, beside all other HTTP requests; drained like the others."""
    made = Gateway(application, http)
    draining.drains.append(made.drain)
    return made

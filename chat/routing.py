"""Routes of WebSockets."""

from __future__ import annotations

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from chat.connections import Connections
from chat.consumer import ChatConsumer
from chat.conversation import Conversation
from chat.origins import OwnOrigins
from mangaassist import draining
from mangaassist.body_limit import App


def websockets(conversation: Conversation) -> App:
    """The ASGI application for all WebSockets of a process, which is drained at its end."""
    connections = Connections(conversation)
    draining.drains.append(connections.drain)
    consumer = ChatConsumer.as_asgi(connections=connections)
    routes = URLRouter([path("ws/chat/", consumer), re_path("", WebsocketDenier.as_asgi())])
    return OwnOrigins(AuthMiddlewareStack(routes))

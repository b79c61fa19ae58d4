"""The fault proxy before a small HTTP server."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.fault_proxy import Fault, FaultProxy


class Echo(BaseHTTPRequestHandler):
    """Answers with the Host header and the body it got."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.headers["Host"].encode() + b" " + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class EchoServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A proxy that breaks connections breaks them here too."""


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    with EchoServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(echo: int) -> Iterator[FaultProxy]:
    with FaultProxy(echo) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    yield connection
    connection.close()


def call(client: http.client.HTTPConnection, operation: str = "Echo") -> tuple[int, str]:
    client.request("POST", "/", b"hello", {"X-Amz-Target": f"Service.{operation}"})
    with client.getresponse() as response:
        return response.status, response.read().decode()


def test_it_passes_calls_with_their_host_header(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    assert call(client) == (200, f"127.0.0.1:{proxy.port} hello")


def test_it_counts_calls_by_operation(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    for operation in ("Send", "Send", "Receive"):
        call(client, operation)
    assert proxy.calls == {"Send": 2, "Receive": 1}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.SERVER_ERROR, 500, "InternalFailure"),
        (Fault.UNAVAILABLE, 503, "ServiceUnavailable"),
        (Fault.DENIED, 403, "AccessDeniedException"),
        (Fault.THROTTLED, 400, "RequestThrottled"),
    ],
)
def test_it_answers_for_the_service(
    proxy: FaultProxy, client: http.client.HTTPConnection, fault: Fault, status: int, code: str
) -> None:
    proxy.fail(fault)
    answered, body = call(client)
    assert (answered, code in body) == (status, True)


def test_it_refuses_connections(proxy: FaultProxy, client: http.client.HTTPConnection) -> None:
    proxy.fail(Fault.REFUSE)
    with pytest.raises(ConnectionRefusedError):
        call(client)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.REFUSE, Fault.UNAVAILABLE])
def test_a_fault_breaks_open_connections(
    proxy: FaultProxy, client: http.client.HTTPConnection, fault: Fault
) -> None:
    call(client)
    proxy.fail(fault)
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        call(client)


def test_a_connection_that_hangs_stays_silent_after_the_fault(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    call(client)
    proxy.fail(Fault.HANG)
    proxy.heal()
    assert client.sock
    client.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        call(client)


@pytest.mark.parametrize("fault", list(Fault))
def test_new_connections_work_after_a_fault(
    proxy: FaultProxy, client: http.client.HTTPConnection, fault: Fault
) -> None:
    proxy.fail(fault)
    proxy.heal()
    assert call(client)[0] == 200


def test_a_fault_of_one_operation_leaves_the_others_alone(
    proxy: FaultProxy, client: http.client.HTTPConnection
) -> None:
    proxy.fail(Fault.UNAVAILABLE, operation="Send")
    assert [call(client, name)[0] for name in ("Send", "Receive")] == [503, 200]


def test_it_holds_calls_back(proxy: FaultProxy, client: http.client.HTTPConnection) -> None:
    proxy.slow(30)
    client.timeout = 0.2
    with pytest.raises(TimeoutError):
        call(client)

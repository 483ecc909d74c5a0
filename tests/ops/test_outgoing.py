"""Calls to addresses that people enter: what is refused, what is bounded, where the call goes."""

import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from leadscoring.inside import may_call
from leadscoring.outgoing import ANSWER_BYTES, OutgoingError, check_url, post
from tests.web_stub import Answering, Stub, say


@pytest.fixture
def serve() -> Iterator[Callable[..., Stub]]:
    stubs: list[Stub] = []

    def start(answering: Answering, context: ssl.SSLContext | None = None) -> Stub:
        stubs.append(Stub(answering, context))
        return stubs[-1]

    yield start
    for stub in stubs:
        stub.close()


@pytest.fixture
def here_allowed(settings: Settings) -> None:
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.OUTGOING_PLAIN_HTTP = True


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let every name lead to these addresses: one list for each time that one is looked up."""

    def lead_to(*answers: list[str]) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
            found = answers[min(len(asked), len(answers) - 1)]
            asked.append(host)
            return [
                (
                    socket.AF_INET6 if ":" in address else socket.AF_INET,
                    socket.SOCK_STREAM,
                    6,
                    "",
                    (address, port),
                )
                for address in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return lead_to


def ok(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    say(handler, 200)


INSIDE = """0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1
198.51.100.9 203.0.113.7 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::a00:1 100::1
2001::1 2001:0:7f00:1:: 2001:db8::1 2002:7f00:1::1 2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1
fe80::a9fe:a9fe fec0::1 ff02::1"""
OUTSIDE = """8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 223.5.5.5 2600::1
2a00:1450:4001::200e"""
HOSTS = """127.0.0.1 2130706433 0x7f000001 0x7f.1 017700000001 0177.0.0.1 127.1 0 [::1] [::ffff:127.0.0.1]
[::ffff:7f00:1] [64:ff9b::7f00:1] [fe80::1] 169.254.169.254 0xa9fea9fe localhost LOCALHOST localhost.
127.0.0.1. ①②⑦.0.0.1 127。0。0。1"""
INNER_NAMES = """crm chat.local printer.localdomain crm.internal intranet wiki.corp nas.lan a.home b.home.arpa
metadata metadata.google.internal metadata.google.internal. metadata.goog METADATA.tencentyun.com
instance-data instance-data.ec2.internal"""


@pytest.mark.parametrize("text", INSIDE.split())
def test_an_address_on_the_inside_is_not_called(text: str) -> None:
    assert not may_call(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE.split())
def test_an_address_on_the_internet_is_called(text: str) -> None:
    assert may_call(ip_address(text))


@pytest.mark.parametrize("host", [*HOSTS.split(), *INNER_NAMES.split()])
def test_no_way_to_write_what_lies_inside_can_be_entered_or_called(host: str) -> None:
    for attempt in (lambda: check_url(f"https://{host}/"), lambda: post(f"https://{host}/", b"", {})):
        with pytest.raises(OutgoingError, match="not an address on the internet: use the one") as refused:
            attempt()
        assert refused.value.code == "address_refused"


@pytest.mark.usefixtures("here_allowed")
def test_names_of_inner_networks_can_be_entered_where_such_are_allowed_but_those_of_metadata_cannot() -> None:
    for host in ("localhost", "127.1", "crm", "chat.internal"):
        assert check_url(f"https://{host}/").host == host
    for host in ("metadata.google.internal", "metadata", "10.0.0.1", "[::1]"):
        with pytest.raises(OutgoingError):
            check_url(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://@example.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com:22/",
        "https://example.com:80/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:x/",
        "https://example.com/a b",
        "https://example.com/\r\nX: y",
        "https://exam\tple.com/",
        "https://example.com/ü",
        "https://[::1",
        f"https://{'a' * 64}.com/",
    ],
)
def test_what_is_not_a_plain_https_address_is_refused_when_it_is_entered(url: str) -> None:
    with pytest.raises(OutgoingError) as refused:
        check_url(url)
    assert refused.value.code == "address_refused"


def test_the_parts_of_an_address_are_told() -> None:
    target = check_url("https://Müller.example:8443/hook?a=b#part")
    assert target == (True, "xn--mller-kva.example", 8443, "/hook?a=b")
    assert target.host_header == "xn--mller-kva.example:8443"
    assert check_url("https://example.com").host_header == "example.com"


def test_one_inner_address_among_outer_ones_refuses_the_name(names: Callable[..., list[str]]) -> None:
    names(["8.8.8.8", "10.0.0.1"])
    with pytest.raises(OutgoingError, match="not on the internet"):
        post("https://example.com/", b"", {})


@pytest.mark.usefixtures("here_allowed")
def test_a_name_that_changes_its_mind_is_looked_up_once(
    serve: Callable[..., Stub], names: Callable[..., list[str]], settings: Settings
) -> None:
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]
    stub, asked = serve(ok), names(["127.0.0.1"], ["127.0.0.2"])
    answer = post(f"http://rebinding.example:{stub.port}/x?y=z", b"{}", {"Content-Type": "application/json"})
    assert answer == (200, b"ok", None)
    assert asked == ["rebinding.example"]
    [(path, headers, body)] = stub.seen
    assert (path, body) == ("/x?y=z", b"{}")
    assert headers["Host"] == f"rebinding.example:{stub.port}"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.usefixtures("here_allowed")
def test_the_next_address_of_a_name_is_tried(
    serve: Callable[..., Stub], names: Callable[..., list[str]]
) -> None:
    stub = serve(ok)
    names(["127.0.0.9", "127.0.0.1"])
    with pytest.MonkeyPatch.context() as patch:
        connect = socket.socket.connect

        def connect_to_one(self: socket.socket, place: Any) -> None:
            if place[0] == "127.0.0.9":
                raise ConnectionRefusedError
            connect(self, place)

        patch.setattr(socket.socket, "connect", connect_to_one)
        assert post(f"http://example.com:{stub.port}/", b"", {}).status == 200


@pytest.mark.usefixtures("here_allowed")
def test_a_redirect_is_an_answer_and_not_followed(serve: Callable[..., Stub]) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"http://127.0.0.1:{stub.port}/inside")
        handler.send_header("Retry-After", "30")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    stub = serve(elsewhere)
    assert post(f"http://127.0.0.1:{stub.port}/", b"", {}) == (307, b"", 30)
    assert [path for path, *_ in stub.seen] == ["/"]


@pytest.mark.usefixtures("here_allowed")
def test_proxies_of_the_environment_are_not_asked(
    serve: Callable[..., Stub], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(f"http://127.0.0.1:{serve(ok).port}/", b"", {}).status == 200


@pytest.mark.usefixtures("here_allowed")
@pytest.mark.parametrize("where", ["head", "body"])
def test_a_server_that_drips_is_given_up(serve: Callable[..., Stub], where: str) -> None:
    def drip(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if where == "body" else b"X: "))
        try:
            for _each in range(1200):  # for a minute
                handler.wfile.write(b"a")
                time.sleep(0.05)
        except OSError:
            pass

    began = time.monotonic()
    with pytest.raises(OutgoingError, match="too long"):
        post(f"http://127.0.0.1:{serve(drip).port}/", b"", {}, total_s=0.3)
    assert time.monotonic() - began < 30


@pytest.mark.usefixtures("here_allowed")
def test_a_server_that_never_answers_a_handshake_is_given_up() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(OutgoingError, match="too long"),
    ):
        post(f"https://127.0.0.1:{silent.getsockname()[1]}/", b"", {}, total_s=0.2)


@pytest.mark.usefixtures("here_allowed")
def test_of_a_huge_answer_only_the_beginning_is_read(serve: Callable[..., Stub]) -> None:
    def pour(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _each in range(1000):
                handler.wfile.write(b"x" * 100_000)
        except OSError:
            pass

    assert post(f"http://127.0.0.1:{serve(pour).port}/", b"", {}).body == b"x" * ANSWER_BYTES


@pytest.mark.usefixtures("here_allowed")
def test_no_sentence_tells_the_secret_part_of_an_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OutgoingError) as failed:
        post(f"http://127.0.0.1:{port}/T0/SECRET?key=SECRET", b"", {})
    assert failed.value.sentence == f"127.0.0.1 takes no connections on port {port}."


# The connection goes to a checked address, the certificate to the name.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the key and the certificate of chat.example, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    options = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=chat.example"
    subprocess.run(
        f"openssl req -x509 {options} -addext subjectAltName=DNS:chat.example"
        " -keyout key -out cert && cat key cert > both",
        shell=True,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "both"


@pytest.fixture
def secure(serve: Callable[..., Stub], certificate: Path, names: Callable[..., list[str]]) -> Stub:
    names(["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return serve(ok, context)


@pytest.mark.usefixtures("here_allowed")
def test_the_name_is_what_is_certified(
    secure: Stub, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert post(f"https://chat.example:{secure.port}/", b"", {}).status == 200
    with pytest.raises(OutgoingError, match=r"certificate of other\.example is not valid"):
        post(f"https://other.example:{secure.port}/", b"", {})
    assert len(secure.seen) == 1


@pytest.mark.usefixtures("here_allowed")
def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Stub) -> None:
    with pytest.raises(OutgoingError, match="certificate"):
        post(f"https://chat.example:{secure.port}/", b"", {})
    assert secure.seen == []

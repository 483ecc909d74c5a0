"""The one way to call an address that a user entered: guarded against being sent at the inside.

What is refused and why is said in docs/outgoing.md. The name is resolved once, every address that it has is
checked, and the connection goes to the very address that was checked, so a second answer of the name server
changes nothing. Certificate and SNI go by the name. No redirect is followed and no proxy is used.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from threading import Event, Timer
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from leadscoring.errors import DomainError
from leadscoring.inside import may_be_called, may_call

CONNECT_S = 5.0
TOTAL_S = 10.0
ANSWER_BYTES = 16 * 1024

Endpoint = tuple[socket.AddressFamily, tuple[Any, ...]]


class OutgoingError(DomainError):
    """A call that was refused (`address_refused`) or did not come back with an answer (`no_answer`).

    The sentence names the host and never the rest of the address, which may be a secret.
    """


class Answer(NamedTuple):
    """What the other side said; of the body only the first `ANSWER_BYTES`."""

    status: int
    body: bytes
    retry_after_s: int | None


class Target(NamedTuple):
    """An address that may be called, as far as its text tells."""

    secure: bool
    host: str  # ASCII, without brackets
    port: int
    path: str  # with the query

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def check_url(url: str) -> Target:
    """The parts of an address that may be entered; asks no name server. Raises OutgoingError."""
    if not url.isprintable() or " " in url or "\\" in url:
        raise _refused("The address has characters that no address has.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError as error:
        raise _refused("This is not an address that can be called.") from error
    _check_parts(parts, host)
    secure = parts.scheme == "https"
    target = Target(secure, host, (443 if secure else 80) if port is None else port, _path(parts))
    if not any(low <= target.port <= high for low, high in settings.OUTGOING_PORTS):
        raise _refused(f"Port {target.port} may not be called.")
    if not may_be_called(host):
        raise _refused(
            f"{host} is not an address on the internet: use the one by which it is reached from outside."
        )
    return target


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    connect_s: float = CONNECT_S,
    total_s: float = TOTAL_S,
) -> Answer:
    """Post the bytes and return the answer, whatever its status. Raises OutgoingError.

    `total_s` begins when the name is resolved, for which the system's resolver has a limit of its own.
    """
    target = check_url(url)
    endpoints = _endpoints(target)
    late = Event()
    try:
        with _connected(endpoints, min(connect_s, total_s)) as link, _cut_after(total_s, link, late):
            answer = _exchange(link, target, body, headers)
    except (OSError, HTTPException) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise _slow(target) from error
        raise _no_answer(target, error) from error
    if late.is_set():
        raise _slow(target)
    return answer


# The text of an address.


def _check_parts(parts: SplitResult, host: str) -> None:
    schemes = ("https", "http") if settings.OUTGOING_PLAIN_HTTP else ("https",)
    if parts.scheme not in schemes:
        raise _refused("The address must begin with https://.")
    if not host:
        raise _refused("The address names no host.")
    if "@" in parts.netloc:
        raise _refused("Leave the name and password out of the address.")


def _path(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise _refused("Write what is not ASCII in the address as %-codes.")
    return path


# Which addresses.


def _endpoints(target: Target) -> list[Endpoint]:
    """Where the name leads, looked up once. One address on the inside refuses them all."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OutgoingError("no_answer", f"The name {target.host} could not be looked up.") from error
    if not all(may_call(ip_address(place[0])) for *_, place in found):
        raise _refused(f"{target.host} leads to an address that is not on the internet.")
    return [(family, place) for family, *_, place in found]


# The call.


@contextmanager
def _connected(endpoints: list[Endpoint], seconds: float) -> Iterator[socket.socket]:
    link = _connect(endpoints, monotonic() + seconds)
    try:
        yield link
    finally:
        link.close()


def _connect(endpoints: list[Endpoint], until: float) -> socket.socket:
    """A connection to the first of them that takes it. Raises OSError, of the last one tried."""
    trouble: OSError = TimeoutError()
    for family, place in endpoints:
        left = until - monotonic()
        if left <= 0:
            break
        link = socket.socket(family, socket.SOCK_STREAM)
        link.settimeout(left)
        try:
            link.connect(place)
        except OSError as error:
            link.close()
            trouble = error
        else:
            return link
    raise trouble


@contextmanager
def _cut_after(seconds: float, link: socket.socket, late: Event) -> Iterator[None]:
    """End the connection then, however busily the other side drips. A socket's timeout is for each read."""
    # TLS takes the socket over; a copy stays ours.
    watched = link.dup()

    def cut() -> None:
        late.set()
        with suppress(OSError):  # the other side may have ended it first
            watched.shutdown(socket.SHUT_RDWR)

    link.settimeout(seconds)
    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        watched.close()


def _exchange(link: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    if target.secure:
        link = ssl.create_default_context().wrap_socket(link, server_hostname=target.host)
    connection = HTTPConnection(target.host, target.port)
    connection.sock = link
    try:
        connection.request(
            "POST", target.path, body, {**headers, "Host": target.host_header, "Connection": "close"}
        )
        response = connection.getresponse()
        return Answer(
            response.status, response.read(ANSWER_BYTES), _seconds(response.getheader("Retry-After"))
        )
    finally:
        connection.close()


def _seconds(retry_after: str | None) -> int | None:
    """Retry-After where it gives seconds; the form with a date is not used for limits."""
    text = (retry_after or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


# What went wrong, in a sentence.


def _refused(sentence: str) -> OutgoingError:
    return OutgoingError("address_refused", sentence)


def _slow(target: Target) -> OutgoingError:
    return OutgoingError("no_answer", f"{target.host} took too long to answer.")


def _no_answer(target: Target, error: Exception) -> OutgoingError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return OutgoingError(
            "no_answer", f"The certificate of {target.host} is not valid: {error.verify_message}."
        )
    if isinstance(error, ConnectionRefusedError):
        return OutgoingError("no_answer", f"{target.host} takes no connections on port {target.port}.")
    return OutgoingError("no_answer", f"The connection to {target.host} failed ({type(error).__name__}).")

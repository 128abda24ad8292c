"""Asks a service whom it takes us for, and attacks its chain of proxies from where a stranger stands. It sends to the given address only.

Our own end of each connection is the truth that the answer is compared with. Behind a NAT the service sees another address;
then the answer has to be the same each time, and never what we forged.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sekisho_sender.attacks import ATTACKS, FORGED, FORGED_PORT, TARGET, TARGET_PORT, Attack
from sekisho_sender.doctor_page import HEADER, PATH, SCHEMA

SECONDS = 10
MOST = 262144


class Verdict(StrEnum):
    """What came of one question."""

    RIGHT = "right"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LEAK = "leak"
    WRONG = "wrong"


class CannotAsk(Exception):
    """The service did not answer, or has no doctor's page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service took us for. `own`, `reached`: our end and its end of the connection, as the socket says."""

    sender: dict[str, Any]
    own: tuple[str, int]
    reached: tuple[str, int]

    def end(self, which: str) -> tuple[str | None, int | None]:
        said = self.sender.get(which) or {}
        return said.get("ip"), said.get("port")


@dataclass(frozen=True, slots=True)
class Found:
    """One question and its verdict; `why` in the service's own codes or the status it answered."""

    name: str
    verdict: Verdict
    source: str = ""
    why: str = ""


@dataclass
class Report:
    """What we are to the service, and what each attack did. `well`: nothing leaked or is wrong, and all four values are known."""

    url: str
    source: str
    destination: str
    hop: str
    reading: str
    missing: str
    through_nat: bool
    plain: Verdict
    attacks: list[Found] = field(default_factory=list)

    @property
    def leaks(self) -> list[Found]:
        return [one for one in self.attacks if one.verdict in (Verdict.LEAK, Verdict.WRONG)]

    @property
    def well(self) -> bool:
        return self.plain is Verdict.RIGHT and not self.missing and not self.leaks


@dataclass(frozen=True)
class Service:
    """Where the page is. `insecure`: a certificate nobody vouches for is accepted (a test host of one's own)."""

    url: str
    token: str
    insecure: bool = False

    def ask(self, attack: Attack | None = None) -> Answer | int:
        """One request on a connection of its own. The status when it was answered with another than 200, 0 when the connection was closed.
        Raises CannotAsk when there is no connection at all."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotAsk(f"{self.url}: not the address of a web service")
        attack = attack or Attack("")
        with self._connected(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)) as plain:
            own, reached = plain.getsockname()[:2], plain.getpeername()[:2]
            try:
                plain.sendall(attack.before)
                link = self._wrapped(plain, parts.hostname) if parts.scheme == "https" else plain
                link.sendall(self._request(attack, parts.netloc.rpartition("@")[2]))
                status, body = read_answer(link)
            except OSError:
                return 0
        if status != 200:
            return status
        try:
            told = json.loads(body)
            return Answer(told["sender"] or {}, own, reached) if told["schema"] == SCHEMA else 0
        except (ValueError, KeyError, TypeError):
            raise CannotAsk(f"{self.url}{PATH}: the answer is not that of our page") from None

    def _connected(self, host: str, port: int) -> socket.socket:
        try:
            return socket.create_connection((host, port), timeout=SECONDS)
        except OSError as wrong:
            raise CannotAsk(f"{self.url}: {wrong}") from None

    def _wrapped(self, plain: socket.socket, host: str) -> socket.socket:
        context = ssl.create_default_context()
        if self.insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(plain, server_hostname=host)

    def _request(self, attack: Attack, host: str) -> bytes:
        connection = () if any(line.startswith("Connection:") for line in attack.lines) else ("Connection: close",)
        lines = (f"POST {PATH} HTTP/1.1", f"Host: {attack.host or host}", f"{HEADER}: {self.token}", *connection, "Content-Length: 0")
        return ("\r\n".join((*lines, *attack.lines)) + "\r\n\r\n").encode("latin-1")


def read_answer(link: socket.socket) -> tuple[int, bytes]:
    """Status and body of an HTTP/1 answer that ends with the connection or its length. Status 0: no answer."""
    raw = b""
    while len(raw) < MOST and not is_whole(raw) and (part := link.recv(65536)):
        raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    first = head.split(b"\r\n", 1)[0].split(b" ")
    if len(first) < 2 or not first[0].startswith(b"HTTP/1.") or not first[1].isdigit():
        return 0, b""
    return int(first[1]), unchunked(body) if b"transfer-encoding: chunked" in head.lower() else body


def is_whole(raw: bytes) -> bool:
    head, found, body = raw.partition(b"\r\n\r\n")
    if not found:
        return False
    lengths = [line.partition(b":")[2].strip() for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and lengths[0].isdigit() and len(body) >= int(lengths[0])


def unchunked(body: bytes) -> bytes:
    whole = b""
    while True:
        size, found, rest = body.partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            return whole
        if not found or not length:
            return whole
        whole, body = whole + rest[:length], rest[length + 2 :]


def examine(service: Service) -> Report:
    """Ask once plainly, then attack. Raises CannotAsk when the plain question has no answer."""
    plain = service.ask()
    if not isinstance(plain, Answer):
        if plain == 404:
            raise CannotAsk(f"{service.url}{PATH}: no doctor's page there (DoctorASGI, DoctorWSGI), or it has another token")
        raise CannotAsk(f"{service.url}{PATH}: " + (f"answered {plain}" if plain else "the connection was closed"))
    sender, source = plain.sender, plain.end("source")
    nat = source[0] is not None and source[0] != spelled(plain.own[0]) and may_be_nat(plain, source[0])
    report = Report(
        url=service.url,
        source=shown(source),
        destination=shown(plain.end("destination")),
        hop=sender.get("hop", ""),
        reading=sender.get("reading", ""),
        missing=sender.get("why_empty", "no-request"),
        through_nat=nat,
        plain=judge(plain, source[0], nat=nat),
    )
    report.attacks = [tried(service, attack, source[0], nat=nat) for attack in ATTACKS]
    return report


def tried(service: Service, attack: Attack, known: str | None, *, nat: bool) -> Found:
    try:
        answer = service.ask(attack)
    except CannotAsk as no:
        return Found(attack.name, Verdict.REFUSED, why=str(no))
    if not isinstance(answer, Answer):
        return Found(attack.name, Verdict.REFUSED, why=str(answer) if answer else "closed")
    verdict = judge(answer, known, nat=nat)
    return Found(attack.name, verdict, shown(answer.end("source")), answer.sender.get("why_empty", ""))


def judge(answer: Answer, known: str | None, *, nat: bool) -> Verdict:
    """Forged anywhere: a leak. Nothing known: unknown. Otherwise it is our own end, or behind a NAT the address we had before."""
    source, destination = answer.end("source"), answer.end("destination")
    if FORGED in source or FORGED_PORT in source or TARGET in destination or TARGET_PORT in destination:
        return Verdict.LEAK
    if source[0] is None:
        return Verdict.UNKNOWN
    if nat:
        return Verdict.RIGHT if source[0] == known else Verdict.WRONG
    own, reached = (spelled(answer.own[0]), answer.own[1]), (spelled(answer.reached[0]), answer.reached[1])
    fits = source[0] == own[0] and source[1] in (own[1], None)
    there = destination[0] is None or (destination[0] == reached[0] and destination[1] in (reached[1], None))
    return Verdict.RIGHT if fits and there else Verdict.WRONG


def may_be_nat(answer: Answer, seen: str) -> bool:
    """Whether our address can be another one on its way: ours is private, and the one they saw is not this machine's loopback."""
    own, other = ipaddress.ip_address(spelled(answer.own[0])), ipaddress.ip_address(seen)
    return own.is_private and not own.is_loopback and other.is_global


def spelled(ip: str) -> str:
    found = ipaddress.ip_address(ip.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def shown(end: tuple[str | None, int | None]) -> str:
    ip, port = end
    if ip is None:
        return ""
    host = f"[{ip}]" if ":" in ip else ip
    return host if port is None else f"{host}:{port}"

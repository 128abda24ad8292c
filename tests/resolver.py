"""A real resolver of an event, in the gateway's namespace: dnsdist in front, unbound behind it, and whoever hears what dnsdist tells of."""

from __future__ import annotations

import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from sekisho.wire.cursor import FormError
from sekisho.wire.dnstap import TapReader
from tests.conftest import BUSY

ANSWER = "192.0.2.53"
DISTRIBUTED = """
setLocal("0.0.0.0:53")
addLocal("[::]:53")
setACL({{"0.0.0.0/0", "::/0"}})
setSecurityPollSuffix("")
newServer({{address="127.0.0.1:5354"}}):setUp()
{lines}
"""
RECURSED = """
server:
  interface: 127.0.0.1@5354
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/unbound.log"
  verbosity: 1
  num-threads: 1
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "test." redirect
  local-data: "test. 60 IN A {answer}"
  local-zone: "net." redirect
  local-data: "net. 60 IN A {answer}"
remote-control:
  control-enable: no
"""


@dataclass
class Tap:
    """Listens on the socket as a collector would; keeps every byte and every question it was told."""

    path: Path
    raw: bytearray = field(default_factory=bytearray)
    names: list[str] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)

    def listen(self) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        self.path.chmod(0o666)
        listener.listen()
        self._open = [listener]
        threading.Thread(target=self._hear, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Hear nothing more, and leave the path to somebody else."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open = []
        self.path.unlink(missing_ok=True)

    def _hear(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                told, _ = listener.accept()
                self._open[1:] = [told]
                with told, suppress(FormError):
                    self._read(told)

    def _read(self, told: socket.socket) -> None:
        reader = TapReader()
        while data := told.recv(1 << 16):
            self.raw += data
            reader.feed(data)
            self.names += [str(name) for name in reader.take().column("name").to_pylist()]
            told.sendall(reader.answers())

    def heard(self, name: str, seconds: float = 4) -> bool:
        """Whether the resolver tells of it, waiting so long."""
        end = time.monotonic() + seconds + BUSY
        while name not in self.names and time.monotonic() < end:
            time.sleep(0.02)
        return name in self.names


@contextmanager
def resolving(namespace: str, folder: Path, lines: str, socket_path: Path) -> Iterator[Tap]:
    """The resolver unbound, and dnsdist with those lines, until the end; their logs lie in the folder."""
    folder.mkdir()
    (folder / "unbound.conf").write_text(RECURSED.format(folder=folder, answer=ANSWER), encoding="ascii")
    (folder / "dnsdist.conf").write_text(DISTRIBUTED.format(lines=lines), encoding="ascii")
    tap = Tap(socket_path)
    with ExitStack() as open_:
        tap.listen()
        open_.callback(tap.close)
        for argv in (
            ["unbound", "-d", "-c", str(folder / "unbound.conf")],
            ["dnsdist", "--supervised", "--disable-syslog", "-C", str(folder / "dnsdist.conf")],
        ):
            log = open_.enter_context((folder / f"{argv[0]}.out.log").open("wb"))
            process = subprocess.Popen(["ip", "netns", "exec", namespace, *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            open_.callback(process.wait)
            open_.callback(process.kill)
        yield tap


def asked(to: str, name: str, source: str, *, port: int = 53, over_tcp: bool = False, wait: float = 5) -> bool:
    """Whether the resolver answers that question, asked from where this thread is. No answer in time, and no port there, are a no."""
    question = dns.message.make_query(name, "A")
    ask: Callable[..., dns.message.Message] = dns.query.tcp if over_tcp else dns.query.udp
    try:
        answer = ask(question, to, timeout=wait, port=port, source=source)
    except (dns.exception.Timeout, OSError, EOFError):
        return False
    return ANSWER in str(answer)


def in_wire(name: str) -> bytes:
    """As a name stands in a DNS message."""
    return b"".join(struct.pack("B", len(label)) + label.encode() for label in name.split("."))


def frame(hardware: str, source: str, gate: str, to: str, name: str) -> bytes:
    """The Ethernet frame in which a device asks for a name (IPv4 over UDP), as it would send it from a Wi-Fi of thousands."""
    question = dns.message.make_query(name, "A").to_wire()
    udp = struct.pack("!HHHH", 5353, 53, 8 + len(question), 0) + question
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(to))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    summed = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]
    return b"".join(bytes.fromhex(m.replace(":", "")) for m in (gate, hardware)) + b"\x08\x00" + summed + udp


def send(frames: list[bytes], link: str) -> None:
    """From where this thread is."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
        wire.bind((link, 0))
        for one in frames:
            wire.send(one)
            time.sleep(0.002)


@contextmanager
def recursing(folder: Path, port: int, data: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The resolver unbound on loopback, which knows those records below example. and asks nobody; ready when it answers."""
    folder.mkdir()
    lines = '  local-zone: "example." static\n' + "".join(f"  local-data: '{one}'\n" for one in data)
    text = RECURSED.format(folder=folder, answer=ANSWER).replace("5354", str(port)).replace("remote-control:", f"{lines}remote-control:")
    (folder / "unbound.conf").write_text(text, encoding="ascii")
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen(["unbound", "-d", "-c", str(folder / "unbound.conf")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 10 + BUSY
        while not asked("127.0.0.1", "ready.test", "127.0.0.1", port=port, wait=0.2):
            assert time.monotonic() < end, (folder / "unbound.log").read_text(encoding="utf-8")[-600:]
        yield process
    finally:
        process.kill()
        process.wait()

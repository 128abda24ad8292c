"""The demo's people, mail box and traffic. Everything here is unsafe by name: a production store refuses these people's keys."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import shutil
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk.config import read_settings
from sekisho.desk.draft import read_draft
from sekisho.desk.flows.lines import Imported, ImportLines
from sekisho.desk.flows.lines import carry_out as import_lines
from sekisho.desk.opening import begin
from sekisho.desk.outside import Outside
from sekisho.desk.public import read_public
from sekisho.desk.root import make_root, new_custodian
from sekisho.desk.settings import Settings
from sekisho.desk.signed_words import Invite
from sekisho.desk.staff import statements
from sekisho.desk.staff.keyfile import KeyFile, read_key
from sekisho.faces.processes.channel import Channel
from sekisho.faces.processes.mailbox import mails
from sekisho.law.casebook import Casebook, load
from sekisho.law.words import Role

HERE = Path(__file__).resolve().parents[4]
EXAMPLES = HERE / "examples"
PEOPLE: Mapping[str, tuple[str, frozenset[Role]]] = {
    "engineer": ("Sato Haru", frozenset({Role.ENGINEER})),
    "desk": ("Suzuki Aoi", frozenset({Role.DESK})),
    "officer": ("Takahashi Rin", frozenset({Role.OFFICER})),
    "reviewer-a": ("Tanaka Sora", frozenset({Role.REVIEWER})),
    "reviewer-b": ("Ito Nao", frozenset({Role.REVIEWER})),
}
MAGIC = b"SEKISHO-DATAGRAMS 1\n"
HEAD = struct.Struct("!Q16sHH")


@dataclass
class Mailbox:
    """A real SMTP server on loopback that keeps what it accepts, one file a mail, where the console shows it."""

    folder: Path
    controller: Controller = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.controller = Controller(self, hostname="127.0.0.1", port=0)

    def start(self) -> int:
        self.controller.port = free_port()
        self.controller.start()
        return int(self.controller.port)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's own name
        raw = envelope.original_content or b""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        part = message.get_body(("plain",))
        said = {
            "at": datetime.now(UTC).isoformat(),
            "from": envelope.mail_from,
            "to": ", ".join(envelope.rcpt_tos),
            "subject": str(message["subject"]),
            "body": part.get_content() if part else "",
            "headers": {k: str(v) for k, v in message.items()},
        }
        path = self.folder / f"{time.time_ns()}.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        fresh.rename(path)
        return "250 2.0.0 Ok"

    def mails(self) -> list[dict[str, Any]]:
        return mails(self.folder)


class Signers(threading.Thread):
    """Signs for the demo's people when the console asks, over a local socket. In production people sign with their own keys."""

    def __init__(self, path: Path, keys: Mapping[str, KeyFile]) -> None:
        super().__init__(daemon=True)
        self.keys = keys
        path.unlink(missing_ok=True)
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.door.bind(str(path))
        self.door.listen(8)

    def run(self) -> None:
        while True:
            sock, _ = self.door.accept()
            with sock, contextlib.suppress(ValueError, KeyError, TypeError, OSError):
                said = json.loads(sock.recv(65536))
                key = {k.person: k for k in self.keys.values()}[said["person"]]
                sock.sendall(key.private.sign(bytes.fromhex(said["digest"])).hex().encode())


@dataclass
class Demo:
    """A folder with everything a demo needs. `folder` may be removed at any time; nothing in it is precious. `more`: further settings."""

    folder: Path
    port: int
    flows: str = ""
    more: Callable[[], str] = str

    @property
    def settings_path(self) -> Path:
        return self.folder / "sekisho.toml"

    @property
    def settings(self) -> Settings:
        return read_settings(self.settings_path)

    @property
    def book(self) -> Casebook:
        return load(self.settings.book)

    def prepare(self, smtp_port: int) -> bytes:
        """Settings, root, people invited. The root key, to hand to the supervisor once."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.flows = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        self.settings_path.write_text(self._settings(smtp_port) + self.more(), encoding="utf-8")
        identity, recipient = new_custodian()
        (self.folder / "unsafe-demo-custodian.key").write_text(identity + "\n", encoding="utf-8")
        root = make_root(self.folder, [recipient])
        now = datetime.now(UTC)
        invited = [Invite(name, roles, "unsafe-demo", now) for name, roles in PEOPLE.values()]
        self.codes = dict(zip(PEOPLE, begin(self.settings, root, invited), strict=True))
        return root

    def _settings(self, smtp_port: int) -> str:
        prefixes = [line.split(",")[0] for line in (EXAMPLES / "prefixes.csv").read_text(encoding="utf-8").splitlines()[1:]]
        return f"""# Written by the demo. Every path is relative to this file.
folder = "state"
book = {json.dumps(str(HERE / "casebook" / "jp"))}
texts = {json.dumps(str(HERE / "texts"))}
lists = [{json.dumps(str(EXAMPLES / "lists" / "cc.toml"))}]
cards = {json.dumps(str(EXAMPLES / "cards.toml"))}
canaries = {json.dumps(str(EXAMPLES / "entrustments" / "canaries.csv"))}
look_seconds = 3
demo = true

[operator]
name = "Sakura Net (unsafe demo)"
window = "対応窓口 (abuse desk)"
window_phone = "0120-000-000"
window_hours = "10:00-17:00"
help_url = "https://help.example/infected"

[intake]
flows = "{self.flows}"
accounting = {json.dumps(str(EXAMPLES / "radius" / "detail"))}
rotate_seconds = 5

[network]
prefixes = {json.dumps(prefixes)}

[mail]
host = "127.0.0.1"
port = {smtp_port}
sender = "notice@sakura-net.example"
sender_name = "Sakura Net"
helo = "mail.sakura-net.example"
tls = "none"

[console]
port = {self.port}
url = "http://localhost:{self.port}"
"""

    def outside(self) -> Outside:
        settings = self.settings
        channel = Channel.at(settings.folder / "run" / "keep.sock", patience=30)
        return Outside(settings, channel, read_public(settings.folder), lambda: datetime.now(UTC))

    def enrol(self, world: Outside) -> dict[str, KeyFile]:
        """Each of the demo's people brings a key file; kept where its name says what it is."""
        keys = {}
        home = self.folder / "unsafe-demo-people"
        home.mkdir(mode=0o700)
        for who, code in self.codes.items():
            private = Ed25519PrivateKey.generate()
            public = private.public_key().public_bytes_raw()
            person = world.keep.call("enrol", code=code, key_kind="file", public_key=public)
            keys[who] = KeyFile(person, private)
            keys[who].write(home / f"unsafe-demo-{who}.key")
        return keys

    def keys(self) -> dict[str, KeyFile]:
        home = self.folder / "unsafe-demo-people"
        return {p.stem.removeprefix("unsafe-demo-"): read_key(p) for p in sorted(home.glob("*.key"))}


def stand(world: Outside, keys: Mapping[str, KeyFile], book: Casebook, plan_file: Path) -> list[str]:
    """Propose a standing plan, lay in its papers, confirm what is referred, approve. The permits."""
    plan = lay_before(world, keys, book, plan_file)
    permits: list[str] = []
    for who in ("reviewer-a", "reviewer-b"):
        permits += approve(world, keys[who], plan)
    return permits


def lay_before(world: Outside, keys: Mapping[str, KeyFile], book: Casebook, plan_file: Path) -> str:
    """The plan with its papers and confirmations, before anybody approves it."""
    now = world.clock()
    engineer = keys["engineer"]
    operator = world.settings.operator
    who, day = engineer.person, book.day(now)
    draft = read_draft(plan_file, actor=operator.name, regime=operator.regime, proposer=who, day=day, now=now, book=book)
    plan = world.keep.call("propose", plan=draft.plan, signature=engineer.sign(draft.plan))["plan"]
    by_role = {Role.DESK: "desk", Role.OFFICER: "officer", Role.REVIEWER: "reviewer-a"}
    vouchers = {n: k.vouchers for n, k in book.kinds.items()}
    purpose = draft.plan.steps[0].purpose
    for paper in draft.papers:
        key = keys[by_role[paper.role]]
        evidence = paper.laid_in(purpose, key.person, world.clock() - timedelta(seconds=1), vouchers)
        world.keep.call("supply", plan=plan, evidence=evidence, signature=key.sign(evidence))
    confirm(world, keys["officer"], plan, "Reviewed for the demo; not legal advice.")
    return str(plan)


def confirm(world: Outside, officer: KeyFile, plan: str, reasons: str) -> list[str]:
    """Confirm every case this plan waits on."""
    said = world.keep.call("plan", plan=plan)
    done = []
    for case in said["confirmable"]:
        now = world.clock()
        until, rule = now + timedelta(days=180), said["rules"][case]
        words = statements.confirmation(case, said["measure"], said["book"], reasons, officer.person, until, now, rule=rule)
        world.keep.call("confirm", confirmation=words, signature=officer.sign(words))
        done.append(case)
    return done


def approve(world: Outside, reviewer: KeyFile, plan: str) -> list[str]:
    said = world.keep.call("plan", plan=plan)
    words = statements.approval(plan, said["shown"], reviewer.person, world.clock())
    return list(world.keep.call("review", approval=words, signature=reviewer.sign(words))["permits"])


def import_register(world: Outside) -> Imported:
    return import_lines(world, ImportLines(EXAMPLES / "lines.csv"))


def replay(path: Path, target: str) -> int:
    """Send a recording's datagrams to the collector, as fast as it takes them; the number sent."""
    host, _, port = target.rpartition(":")
    count = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for payload in recorded(path):
            out.sendto(payload, (host, int(port)))
            count += 1
            if count % 20 == 0:
                time.sleep(0.01)
    return count


def recorded(path: Path) -> Iterator[bytes]:
    """The payloads of a recording (`examples/README.md` says the form). Raises ValueError for another file."""
    raw = path.read_bytes()
    if not raw.startswith(MAGIC):
        raise ValueError(f"{path} is no recording of datagrams")
    at = len(MAGIC)
    while at < len(raw):
        *_, length = HEAD.unpack_from(raw, at)
        at += HEAD.size
        yield raw[at : at + length]
        at += length


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether the console could listen there. What an earlier one left to settle does not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def wait_for(what: str, ready: Any, seconds: float = 60.0) -> Any:
    """The first true answer of `ready()`. Raises TimeoutError naming `what`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ready():
            return found
        time.sleep(0.1)
    raise TimeoutError(what)

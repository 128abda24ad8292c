"""Signed notes and checkpoints: C2SP signed-note, C2SP tlog-checkpoint. Ed25519 (signature type 1) is what we sign and check.

Lines signed by keys we do not know are kept as they came and never trusted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.ledger.faults import Damaged, Wrong

ED25519 = b"\x01"
MAX_NOTE = 256 * 1024
MAX_SIGNATURES = 64
DASH = "\u2014 "
NAME = re.compile(r"[^\s+]{1,255}")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def unbase64(text: str, where: str) -> bytes:
    """Standard base64 in its one spelling. Raises Damaged for any other."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Damaged(Wrong.MALFORMED, where, "not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Damaged(Wrong.MALFORMED, where, "base64 with stray bits")
    return data


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that point at an Ed25519 key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A public key with its name: what an outsider needs to check our checkpoints."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or CONTROL.search(self.name):
            raise ValueError(f"a key name is 1 to 255 characters without spaces or '+': {self.name!r}")
        if len(self.public) != 32:
            raise ValueError(f"an Ed25519 public key has 32 bytes, not {len(self.public)}")

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey | Ed25519PublicKey) -> Verifier:
        """The verifier for a key at hand."""
        return cls(name, (key.public_key() if isinstance(key, Ed25519PrivateKey) else key).public_bytes_raw())

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read a `name+hash+base64` line. Raises Damaged when it is none, or not of Ed25519."""
        name, _, rest = vkey.strip().partition("+")
        digest, _, key = rest.partition("+")
        data = unbase64(key, "vkey")
        if data[:1] != ED25519 or len(data) != 33 or not NAME.fullmatch(name):
            raise Damaged(Wrong.MALFORMED, "vkey", "not a name+hash+key line of an Ed25519 key")
        if digest != key_id(name, data[1:]).hex():
            raise Damaged(Wrong.MALFORMED, "vkey", "the hash does not belong to this name and key")
        return cls(name, data[1:])

    @property
    def vkey(self) -> str:
        """The `name+hash+base64` line that Go's sumdb and C2SP tools read."""
        return f"{self.name}+{key_id(self.name, self.public).hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True)
class SignatureLine:
    """One signature, of whatever kind: key name, four bytes of key id, the rest."""

    name: str
    key: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {base64.b64encode(self.key + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text (ending in a newline) and the lines that sign it."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(s) for s in self.signatures)

    def verify(self, verifier: Verifier, where: object = "note") -> None:
        """Raise Damaged unless `verifier`'s key signed the text. Lines of other keys are passed over."""
        wanted = key_id(verifier.name, verifier.public)
        ours = [s for s in self.signatures if s.name == verifier.name and s.key == wanted]
        if not ours:
            raise Damaged(Wrong.SIGNATURE, where, f"not signed by {verifier.name} with the key expected")
        for line in ours:
            try:
                Ed25519PublicKey.from_public_bytes(verifier.public).verify(line.signature, self.text.encode())
            except InvalidSignature:
                raise Damaged(Wrong.SIGNATURE, where, f"the signature by {verifier.name} does not fit the text") from None


def parse_note(data: bytes | str, where: object = "note") -> Note:
    """Split a signed note. Raises Damaged for anything that is none; checks no signature."""
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_NOTE:
        raise Damaged(Wrong.MALFORMED, where, f"longer than {MAX_NOTE} bytes")
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        raise Damaged(Wrong.MALFORMED, where, "not UTF-8") from None
    head, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or CONTROL.search(whole):
        raise Damaged(Wrong.MALFORMED, where, "not a text, an empty line and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Damaged(Wrong.MALFORMED, where, f"more than {MAX_SIGNATURES} signatures")
    return Note(head + "\n", tuple(_signature(line, where) for line in lines))


def _signature(line: str, where: object) -> SignatureLine:
    name, _, value = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not NAME.fullmatch(name):
        raise Damaged(Wrong.MALFORMED, where, "a signature line without its dash or name")
    data = unbase64(value, str(where))
    if len(data) < 5:
        raise Damaged(Wrong.MALFORMED, where, "a signature line too short to hold a signature")
    return SignatureLine(name, data[:4], data[4:])


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """Sign a text that ends in a newline."""
    if not text.endswith("\n") or CONTROL.search(text):
        raise ValueError("a note's text ends in a newline and holds no other control characters")
    verifier = Verifier.of(name, key)
    return Note(text, (SignatureLine(name, key_id(name, verifier.public), key.sign(text.encode())),))


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: which log, how many leaves, the root (32 bytes). Extension lines are kept and mean nothing to us."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str, where: object = "checkpoint") -> Checkpoint:
        """Read a checkpoint's note text. Raises Damaged when it is none."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines):
            raise Damaged(Wrong.MALFORMED, where, "not an origin, a size and a root, a line each")
        if not DECIMAL.fullmatch(lines[1]):
            raise Damaged(Wrong.MALFORMED, where, "the size is not a plain decimal")
        root = unbase64(lines[2], str(where))
        if len(root) != 32:
            raise Damaged(Wrong.MALFORMED, where, f"a root has 32 bytes, not {len(root)}")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:]))


def open_checkpoint(data: bytes | str, vkey: str | Verifier, where: object = "checkpoint") -> Checkpoint:
    """Read a signed checkpoint and check signature and origin. Raises Damaged."""
    verifier = Verifier.parse(vkey) if isinstance(vkey, str) else vkey
    note = parse_note(data, where)
    note.verify(verifier, where)
    checkpoint = Checkpoint.parse(note.text, where)
    if checkpoint.origin != verifier.name:
        raise Damaged(Wrong.ORIGIN, where, f"is of the log {checkpoint.origin}, expected {verifier.name}")
    return checkpoint


def read_checkpoint(path: Path, vkey: str | Verifier | None = None) -> Checkpoint:
    """The checkpoint in a log's folder, or in a file. With `vkey` it is verified, without it only read. Raises Damaged."""
    file = path / "checkpoint" if path.is_dir() else path
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise Damaged(Wrong.MISSING, file, "no checkpoint here") from None
    if vkey is None:
        return Checkpoint.parse(parse_note(data, file).text, file)
    return open_checkpoint(data, vkey, file)

"""Makes `keep`'s world once (`begin`), and opens it at every start. Every secret is derived from the root key; nothing else is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.desk import books, catch_up, looks, records
from sekisho.desk.clock import Clock
from sekisho.desk.open_records import open_records
from sekisho.desk.public import read_public
from sekisho.desk.settings import Settings
from sekisho.desk.signed_words import Invite
from sekisho.desk.staff import enrol
from sekisho.desk.world import Caller, World
from sekisho.law.canonical import canonical
from sekisho.law.casebook import load
from sekisho.ledger.entry import EntryType
from sekisho.ledger.log import Log
from sekisho.store.vault import Vault

ORIGIN = "sekisho.ledger"
FOLDERS = {
    "keep": 0o700, "ledger": 0o755, "streams": 0o750, "register": 0o755, "books": 0o755, "collect": 0o700, "act": 0o700, "run": 0o711,
}  # fmt: skip


def derived(root: bytes, what: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"sekisho/1/{what}".encode()).derive(root)


def begin(settings: Settings, root: bytes, invited: Sequence[Invite]) -> list[str]:
    """Make a new installation; the one-time codes of those invited, in order. Raises FileExistsError where one is."""
    settings.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name, mode in FOLDERS.items():
        (settings.folder / name).mkdir(mode=mode)
    signer = Ed25519PrivateKey.from_private_bytes(derived(root, "permits"))
    key = Ed25519PrivateKey.from_private_bytes(derived(root, "ledger"))
    origin = f"{ORIGIN}/{key.public_key().public_bytes_raw().hex()[:12]}"
    with Log.create(settings.folder / "ledger", origin, key, guard=settings.folder / "keep" / "checkpoint") as log:
        vkey = log.vkey
    Vault.create(settings.folder / "keep" / "vault", derived(root, "vault"), Clock().now).close()
    public = {"permits": signer.public_key().public_bytes_raw().hex(), "ledger": vkey, "origin": origin}
    (settings.folder / "public.json").write_text(json.dumps(public, indent=1) + "\n", encoding="utf-8")
    world = open_world(settings, root)
    world.caller = Caller("keep")
    try:
        with world.turn():
            return [enrol.open_invitation(world, i) for i in invited]
    finally:
        world.log.close()
        world.vault.close()


def open_world(settings: Settings, root: bytes, *, accept_clock: bool = False, made: Callable[..., Clock] | None = None) -> World:
    """What the ledger says is destroyed, ended or taken back is so first, in whatever copy of vault and records this is.

    `accept_clock`: a custodian says that the time is right although it lies before, or far after, the last one written
    down. `made`: makes its clock; None is the machine's. Raises RecordsAhead when the records know more than the ledger,
    LedgerError when the ledger is not what was signed.
    """
    engine = open_records(settings.folder / "keep" / "keep.db")
    with engine.begin() as db:
        last = records.meta(db, "clock")
        destroyed = [r["key"] for r in records.rows(db, records.DESTROYED) if not r["key"].startswith(records.OF_RECORDS)]
    clock = (made or Clock)(datetime.fromisoformat(last) if last else None, accept=accept_clock)
    public = read_public(settings.folder)
    key = Ed25519PrivateKey.from_private_bytes(derived(root, "ledger"))
    guard = settings.folder / "keep" / "checkpoint"
    world = World(
        settings=settings,
        clock=clock,
        book=load(settings.book),
        vault=Vault.open(settings.folder / "keep" / "vault", derived(root, "vault"), destroyed, clock.now),
        log=Log.open(settings.folder / "ledger", public.origin, key, guard=guard),
        engine=engine,
        signer=Ed25519PrivateKey.from_private_bytes(derived(root, "permits")),
        pseudonyms=derived(root, "pseudonyms"),
        catch_up=catch_up.carry_out,
    )
    try:
        _start(world)
    except BaseException:
        world.log.close()
        world.vault.close()
        engine.dispose()
        raise
    return world


def _start(world: World) -> None:
    clock, shipped = world.clock, world.book
    books.keep(books.folder_of(world), world.settings.book, shipped)
    with world.turn():
        catch_up.must_not_be_ahead(world)
        books.choose(world, shipped)
        looks.forget_children(world)
        world.write(EntryType.STARTED, canonical({"book": world.book.digest}), ids={}, at=clock.now())
        if clock.gap:
            body = canonical({"by": clock.gap, "accepted": clock.jump is None})
            world.write(EntryType.CLOCK_JUMP, body, ids={}, at=clock.now())
            clock.said = True
        if clock.gap and clock.jump is None:
            records.set_meta(world.db, "clock", records.stamp(clock.now()))

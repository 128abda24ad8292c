"""A taken-over process reads the disk itself. Each is started as the real one is and confines itself as the real one does; the
attack stands in the place of its loop.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.clock import wall
from sekisho.faces.processes.supervise import _hand_over
from sekisho.store.errors import SealError
from sekisho.store.parts import periods
from sekisho.store.vault import Vault
from tests.node import Desk, read_records
from tests.redteam.conftest import Stage

ATTACK = """
import asyncio, json, os, sys
from pathlib import Path
import sekisho.faces.processes.{role} as face

def tried(path, flags):
    try:
        handle = os.open(path, flags)
    except OSError as why:
        return type(why).__name__
    os.close(handle)
    return "open"

def attack(*_, **__):
    home = Path(sys.argv[1]).resolve().parent
    said = {{}}
    for path in {paths!r}:
        said[path] = tried(home / path if not path.startswith("/") else path, os.O_RDONLY)
    for path in {folders!r}:
        said["in " + path] = tried(home / path / "planted", os.O_WRONLY | os.O_CREAT)
    print(json.dumps(said), flush=True)
    os._exit(0)

async def attack_in_loop(*_, **__):
    attack()

{put}
face.main()
"""
PUT = {
    "collect": "face.Collector.run = attack",
    "work": "face.look = attack",
    "act": "face.Actor.run = attack_in_loop",
    "show": "face.uvicorn.run = attack",
    "scan": "face.turn = attack",
    "policy": "face.counting.place = lambda _: ('127.0.0.1', 0)\nface.run = attack",
    "submission": "face.place = lambda _: ('127.0.0.1', 0)\nface.run = attack",
    "portal": "face.prepared = lambda *_: (None, [])\nface.serve = attack_in_loop",
    "gateway": "face.gateway_here = lambda: (None, None)\nface.Neighbours = lambda *_: None\nface.run = attack",
    "tap": "face.prepared = lambda *_: (None, Path('/nonexistent/tap'))\nface.run = attack",
}
OPENS: dict[str, set[str]] = {
    "collect": {"streams"},
    "work": {"streams"},
    "act": {"act"},
    "show": {"ledger"},
    "scan": set(),
    "policy": set(),
    "submission": set(),
    "portal": set(),
    "gateway": set(),
    "tap": set(),
}
"""Which of the folders below a process may read."""

WRITES: dict[str, set[str]] = {
    "collect": {"streams", "collect"}, "work": set(), "act": {"act"}, "show": {"register"}, "scan": set(), "policy": {"policy"},
    "submission": set(),
    "portal": set(), "gateway": set(), "tap": set(),
}  # fmt: skip
FOLDERS = ("keep", "keep/vault/keys", "ledger", "streams", "register", "books", "collect", "act", "policy", "run", ".")


def confined() -> bool:
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1)) >= 1


@pytest.fixture(scope="module")
def desk(agreed: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with agreed.serve(tmp_path_factory.mktemp("curious") / "node") as desk:
        yield desk


def a_file(folder: Path) -> str:
    return str(next(p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith("lock")))


def targets(desk: Desk) -> dict[str, str]:
    state = desk.state
    (state / "act" / "anything").touch()
    (state / "collect" / "anything").touch()
    (state / "policy").mkdir(exist_ok=True)
    keeper = os.getpid()
    return {
        "keep": str(state / "keep" / "keep.db"),
        "vault": a_file(state / "keep" / "vault" / "keys"),
        "streams": a_file(state / "streams"),
        "ledger": str(state / "ledger" / "checkpoint"),
        "act": str(state / "act" / "anything"),
        "root": str(desk.place.folder / "root.age"),
        "custodian": str(desk.place.folder / "unsafe-demo-custodian.key"),
        "people": a_file(desk.place.folder / "unsafe-demo-people"),
        "memory of keep": f"/proc/{keeper}/mem",
        "environment of keep": f"/proc/{keeper}/environ",
        "descriptors of keep": f"/proc/{keeper}/fd/0",
    }


def attacked(desk: Desk, role: str, paths: dict[str, str]) -> dict[str, Any]:
    mine, its = socket.socketpair()
    look = desk.due()[:1] if role == "work" else []
    with mine, its:
        _hand_over(desk.control, its, role, look)
        code = ATTACK.format(role=role, paths=list(paths.values()), folders=[f"state/{f}" for f in FOLDERS], put=PUT[role])
        argv = [
            sys.executable,
            "-c",
            code,
            str(desk.place.settings_path),
            str(mine.fileno()),
            *({"collect": ["0"]}.get(role, look or ["x"])),
        ]
        done = subprocess.run(argv, pass_fds=[mine.fileno()], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


@pytest.mark.node
@pytest.mark.parametrize("role", PUT)
def test_a_process_reads_and_writes_its_own_folders_and_no_other(desk: Desk, role: str) -> None:
    if not confined():
        pytest.skip("this kernel has no Landlock: processes of one user are not kept apart on disk here")
    paths = targets(desk)
    said = attacked(desk, role, paths)
    assert {name for name, path in paths.items() if said[path] == "open"} == OPENS[role]
    assert {f for f in FOLDERS if said[f"in state/{f}"] == "open"} == WRITES[role]


def test_another_user_of_the_host_reads_neither_keys_nor_streams_nor_recipients(desk: Desk) -> None:
    """As uid 65534, by the modes of the folders alone."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("to try as another user the tests must run as root, with setpriv (util-linux)")
    for above in desk.place.folder.parents:
        if above != Path("/") and above.stat().st_uid == os.getuid() and "pytest" in str(above):
            above.chmod(0o755)
    paths = targets(desk)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    reach = subprocess.run([*nobody, "cat", str(desk.state / "public.json")], capture_output=True, check=False)
    assert reach.returncode == 0, "the folders above are shut: this test would prove nothing"
    for name in ("keep", "vault", "streams", "act", "root", "people", "memory of keep"):
        assert subprocess.run([*nobody, "cat", paths[name]], capture_output=True, check=False).returncode != 0, name
    for folder in ("keep", "streams", "act", "collect"):
        assert subprocess.run([*nobody, "ls", str(desk.state / folder)], capture_output=True, check=False).returncode != 0, folder


def test_what_lies_on_the_disk_names_nobody_even_to_its_owner(desk: Desk) -> None:
    """A stolen disk, or the operator's own terminal: sealed bytes, and no key that opens them."""
    from lab import scenario

    hay = b"".join(p.read_bytes() for p in desk.state.rglob("*") if p.is_file())
    assert len(hay) > 50_000
    for line in scenario.LINES:
        assert not [w for w in (line.id, line.mail, line.user, line.name) if w.encode() in hay]


def test_the_vault_opens_to_no_other_root_key(agreed: Stage, tmp_path: Path) -> None:
    state = agreed.copy(tmp_path / "stolen").settings.folder
    ((permit,),) = read_records(state, "select id from permits where step = 'match'")
    key = f"{permit}/party/{periods(state / 'streams', permit, 'hits')[-1]}"
    with Vault.open(state / "keep" / "vault", bytes(32), (), wall) as stolen:
        with pytest.raises(SealError, match="root key is another's"):
            stolen.unwrap(key, bytes(81))
        with pytest.raises(SealError, match="root key is another's"):
            stolen.public_half(key, wall())


def test_a_collector_cannot_read_what_it_wrote(desk: Desk) -> None:
    """It asks for keys over its own channel, and has no private half anywhere."""
    from sekisho.desk.flows.standing import StandingPermit
    from sekisho.desk.outside import KeepSaidNo
    from sekisho.gate.check import read as words
    from sekisho.law.reading import read
    from sekisho.store.view import open_view

    world = desk.outside("collect")
    (match,) = [
        words(p.permit) for p in (read(StandingPermit, s) for s in world.keep.call("standing")) if words(p.permit).step.name == "match"
    ]
    streams = desk.state / "streams"
    days = periods(streams, match.id, "hits")
    assert days
    with pytest.raises(KeepSaidNo) as no:
        open_view(streams, match, "hits", ("peer",), days, world.release("look-0"))
    assert no.value.code == "not-for-this-role"
    half = world.keep.call("half", key_id=f"{match.id}/counterpart/{days[-1]}")
    with pytest.raises(Exception, match=r"key|tag|open") as why:
        open_view(streams, match, "hits", ("peer",), days, lambda *_: bytes.fromhex(half)).close()
    assert type(why.value).__name__ in ("SealError", "OSError", "StoreError", "KeyRefused")

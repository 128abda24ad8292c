"""The supervisor over real processes: what falls is started again, what hangs is ended, and without `keep` nothing runs.
Tests of one story stand in its order.
"""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sekisho.desk.settings import Users
from sekisho.faces.processes import supervise
from sekisho.faces.processes.supervise import FORGIVE, LONGEST_LOOK, Child, KeepDied, Supervisor
from sekisho.faces.unsafe import demo as unsafe_demo
from tests.node import People, read_records, until

pytestmark = [pytest.mark.node, pytest.mark.timeout(200)]
HANDED = {"PATH", "LANG", "LC_ALL", "TZ", "HOME", "OMP_NUM_THREADS", "PYTHONFAULTHANDLER"}
SECRET = "a-password-of-who-started-it"


@dataclass
class Node:
    """An installation, what it runs, and the root key that was handed over once."""

    place: unsafe_demo.Demo
    root: bytes
    supervisor: Supervisor
    people: People

    def step(self, what: str, done: Callable[[], Any]) -> Any:
        """Steps until `done`: no thread does it for us."""

        def stepped() -> Any:
            self.supervisor.step()
            return done()

        return until(what, stepped)

    def child(self, role: str) -> Child:
        return next(c for c in self.supervisor.children if c.role == role)

    def look(self) -> Child:
        """The child of a look, the moment it was started; not one that was there before."""
        before = [str(look.argv[0]) for look in self.supervisor.looks]
        fresh: list[Child] = self.step("a look's child", lambda: [k for k in self.supervisor.looks if k.argv[0] not in before])
        return fresh[0]

    def state(self, look: str) -> str:
        return str(read_records(self.place.settings.folder, f"select state from looks where id = '{look}'")[0][0])


def running(place: unsafe_demo.Demo) -> list[int]:
    """Every process that was started for this folder: the settings are named in its arguments."""
    name, found = str(place.settings_path).encode(), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if name in words:
                found.append(int(entry.name))
    return found


def is_another(child: Child, pid: int) -> bool:
    return child.process.pid != pid


def environment(pid: int) -> dict[str, str]:
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(line.partition("=")[::2] for line in raw.split("\0") if line)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    place = unsafe_demo.Demo(tmp_path_factory.mktemp("supervised"), unsafe_demo.free_port())
    root = place.prepare(25)
    settings = place.settings_path.read_text("utf-8")
    place.settings_path.write_text(settings.replace("look_seconds = 3", "look_seconds = 1"), "utf-8")
    os.environ["SEKISHO_TEST_PASSWORD"] = SECRET
    try:
        supervisor = Supervisor.start(place.settings_path, root)
    finally:
        del os.environ["SEKISHO_TEST_PASSWORD"]
    people = People(place, place.outside())
    try:
        people.enrol()
        people.stand()
        yield Node(place, root, supervisor, people)
    finally:
        supervisor.close()


# Up


def test_a_process_of_each_role_is_up_and_each_look_gets_one_of_its_own(node: Node) -> None:
    """keep, collect, act, show stay; work is there for a look and ends with it."""
    assert [c.role for c in node.supervisor.children] == ["collect"] * node.place.settings.intake.workers + ["act", "show"]
    look = node.look()
    assert look.role == "work"
    look.process.send_signal(signal.SIGSTOP)  # so that it is not over before it was seen
    until("all to be seen", lambda: len(running(node.place)) == len(node.supervisor.children) + 2, 10)
    look.process.send_signal(signal.SIGCONT)
    name = look.argv[0]
    node.step("the look to end", lambda: look not in node.supervisor.looks)
    assert node.state(name) == "done"
    assert node.supervisor.keep.poll() is None
    assert all(c.process.poll() is None for c in node.supervisor.children)


def test_what_children_are_handed_holds_no_secret(node: Node) -> None:
    """Neither the environment of who started us nor the root key: not in the environment, not in the arguments."""
    for pid in running(node.place):
        assert set(environment(pid)) <= HANDED
        told = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        assert SECRET.encode() not in told
        assert node.root not in told
        assert node.root.hex().encode() not in told


# Children that fall


@pytest.mark.parametrize("role", ["collect", "act", "show"])
def test_a_killed_child_is_started_again_with_a_channel_of_its_role(node: Node, role: str) -> None:
    """The others never notice."""
    child = node.child(role)
    others = {c.process.pid for c in node.supervisor.children if c is not child} | {node.supervisor.keep.pid}
    pid = child.process.pid
    child.process.kill()
    node.step(f"another {role}", lambda: child.process.pid != pid)
    assert child.process.poll() is None
    assert {c.process.pid for c in node.supervisor.children if c is not child} | {node.supervisor.keep.pid} == others


def test_a_child_that_falls_again_and_again_is_started_slower_each_time(node: Node) -> None:
    """0.2 s, 0.4 s, 0.8 s after its last start; after a quiet minute at once, and the count begins anew."""
    child = node.child("show")
    child.started -= FORGIVE + 1
    child.falls = 7
    waits = []
    for falls in range(4):
        before, pid = child.started, child.process.pid
        child.process.kill()
        child.process.wait()
        node.step("another", partial(is_another, child, pid))
        assert child.falls == falls + 1
        waits.append(child.started - before)
    assert waits[0] > FORGIVE
    assert [wait >= 0.2 * 2**n for n, wait in enumerate(waits[1:], 1)] == [True, True, True]


def test_the_slowest_a_child_is_started_is_after_half_a_minute(node: Node) -> None:
    child = node.child("show")
    child.falls = 40
    child.process.kill()
    child.process.wait()
    pid = child.process.pid
    child.started += 1000  # just started, for as long as this test looks
    node.supervisor.step()
    assert child.process.pid == pid
    child.started -= 1000 + 31
    node.supervisor.step()
    assert child.process.pid != pid


# Looks


def test_a_look_whose_child_is_killed_has_failed_and_the_next_one_is_due(node: Node) -> None:
    look = node.look()
    look.process.kill()
    name = str(look.argv[0])
    node.step("the look to be over", lambda: look not in node.supervisor.looks)
    assert node.state(name) == "failed"
    assert node.look().argv[0] != name


def test_a_look_that_hangs_is_ended_and_the_next_one_is_due(node: Node) -> None:
    """Ten minutes are the longest; it is not asked to end, it is ended."""
    look = node.look()
    name = str(look.argv[0])
    look.process.send_signal(signal.SIGSTOP)
    node.supervisor.step()
    assert look.process.poll() is None
    look.started -= LONGEST_LOOK + 1
    node.step("the look to be over", lambda: look not in node.supervisor.looks)
    assert look.process.returncode == -signal.SIGKILL
    assert node.state(name) == "failed"
    assert node.look().argv[0] != name


# The end


def test_without_keep_everything_is_stopped_and_that_is_said(node: Node) -> None:
    """Nothing new may be done; only a person can unlock the root again."""
    handlers = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    node.supervisor.keep.kill()
    node.supervisor.keep.wait()
    try:
        with pytest.raises(KeepDied, match="-9"):
            node.supervisor.run()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert all(c.process.returncode is not None for c in (*node.supervisor.children, *node.supervisor.looks))
    assert running(node.place) == []


def test_told_to_stop_it_ends_all_it_started_and_none_is_killed(node: Node) -> None:
    """After a restart with the same root: SIGTERM to the supervisor, and each process ends of itself."""
    handlers = {n: signal.signal(n, lambda *_: None) for n in (signal.SIGTERM, signal.SIGINT)}
    supervisor = Supervisor.start(node.place.settings_path, node.root)
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    try:
        supervisor.run()
    finally:
        timer.join()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert supervisor.keep.returncode == 0
    assert {c.process.returncode for c in (*supervisor.children, *supervisor.looks)} <= {0, -signal.SIGTERM}
    assert running(node.place) == []


def test_another_root_starts_nothing_and_leaves_nothing(node: Node) -> None:
    with pytest.raises(KeepDied):
        Supervisor.start(node.place.settings_path, secrets.token_bytes(32))
    until("nothing to be left", lambda: not running(node.place), 5)


# Users


NAMES = ("root", "daemon", "bin", "sys", "nobody")
"""System users that every machine has; the numbers are the machine's."""


@dataclass
class Started:
    """What would have been started, with which rights."""

    command: list[str]
    options: dict[str, Any]


def spawned(node: Node, monkeypatch: pytest.MonkeyPatch, role: str, users: Users, uid: int) -> Started:
    seen: list[Started] = []
    monkeypatch.setattr(supervise, "subprocess", SimpleNamespace(Popen=lambda argv, **options: seen.append(Started(argv, options))))
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    supervise._spawn(role, ["s.toml", "7"], 7, replace(node.place.settings, users=users))
    return seen[0]


APART = Users(*NAMES)


@pytest.mark.parametrize(("role", "name"), list(zip(("keep", "collect", "work", "act", "show"), NAMES, strict=True)))
def test_started_by_root_each_process_is_its_own_user_in_no_other_group(
    node: Node, monkeypatch: pytest.MonkeyPatch, role: str, name: str
) -> None:
    options = spawned(node, monkeypatch, role, APART, 0).options
    assert (options["user"], options["group"], options["extra_groups"]) == (name, pwd.getpwnam(name).pw_gid, [])
    assert options["pass_fds"] == [7]


@pytest.mark.parametrize(("users", "uid"), [(APART, 1000), (Users(), 0), (replace(APART, show="root"), 0), (replace(APART, work=""), 0)])
def test_else_each_is_whoever_starts_it(node: Node, monkeypatch: pytest.MonkeyPatch, users: Users, uid: int) -> None:
    """Not root, nobody named, two that share a user, one without: no rights are changed, and no folder."""
    assert not {"user", "group", "extra_groups"} & set(spawned(node, monkeypatch, "act", users, uid).options)
    monkeypatch.setattr(os, "chown", lambda *_a, **_k: pytest.fail("a folder was given away"))
    supervise._own_folders(replace(node.place.settings, users=users))


def test_each_process_owns_its_folders_and_work_may_read_the_streams(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that lies in them too, and a link is given away itself, not what it leads to."""
    (tmp_path / "streams" / "day").mkdir(parents=True)
    for name in ("keep", "ledger", "run", "books", "register", "collect", "act"):
        (tmp_path / name).mkdir()
    (tmp_path / "precious").write_text("of root", encoding="utf-8")
    (tmp_path / "act" / "link").symlink_to(tmp_path / "precious")
    given: dict[str, tuple[int, int, bool]] = {}

    def chown(path: Path, uid: int, gid: int, *, follow_symlinks: bool = True) -> None:
        given[str(path.relative_to(tmp_path))] = (uid, gid, follow_symlinks)

    monkeypatch.setattr(os, "chown", chown)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    supervise._own_folders(replace(node.place.settings, folder=tmp_path, users=APART))
    keep, collect, work, act, show = (pwd.getpwnam(name) for name in NAMES)
    assert given.pop("act/link") == (act.pw_uid, -1, False)
    assert {name: uid for name, (uid, _, _) in given.items()} == {
        **dict.fromkeys(("keep", "ledger", "run", "books"), keep.pw_uid),
        "register": show.pw_uid,
        **dict.fromkeys(("collect", "streams", "streams/day"), collect.pw_uid),
        "act": act.pw_uid,
    }
    assert {name for name, (_, gid, _) in given.items() if gid == work.pw_gid} == {"streams", "streams/day"}
    assert (tmp_path / "streams").stat().st_mode & 0o7777 == 0o2750

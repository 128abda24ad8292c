"""Lets a process touch only the folders it needs, for good (Linux Landlock), also where all processes run as one user.

Root on the host is outside what this can do; so is a kernel without Landlock, which `confine` reports instead of hiding.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

import sekisho

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PR_SET_NO_NEW_PRIVS = 38
PATH_BENEATH = 1
VERSION_FLAG = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
ALL_ABI1 = (1 << 13) - 1
REFER, TRUNCATE = 1 << 13, 1 << 14
NET_PORT = 2
BIND_TCP, CONNECT_TCP, TCP_SINCE = 1, 2, 4
LOOK = EXECUTE | READ_FILE | READ_DIR
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE


CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def without_network() -> bool:
    """From now on this process has no network at all, not even loopback; sockets it was handed stay. False where the kernel refuses.

    Root needs a network namespace only; anybody else a user namespace around it, with their own ids in it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if os.geteuid() == 0:
        return bool(libc.unshare(CLONE_NEWNET) == 0)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    with contextlib.suppress(OSError):  # a confined parent's child may not write there: it has no ids in it then, and needs none
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path(f"/proc/self/{name}").write_text(text, encoding="ascii")
    return True


def report(process: str, **held: bool) -> None:
    """Say on the log what could not be closed off here; silence means that everything was."""
    for what, true in held.items():
        if not true:
            sys.stderr.write(f"{process}: {what} could not be closed off on this kernel; docs/against-whom.md says what that means\n")


def confine(read: Iterable[Path], write: Iterable[Path], connect: Iterable[int] = (), bind: Iterable[int] = ()) -> bool:
    """From now on this process and its children read only below `read`, write only below `write`, and use only these TCP ports.

    Returns False where the kernel has no Landlock. Folders that do not exist are left out. The interpreter's own
    folders, /usr, /lib, /etc and the harmless devices are always readable.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
    if abi < 1:
        return False
    handled = ALL_ABI1 | (REFER if abi >= 2 else 0) | (TRUNCATE if abi >= 3 else 0)
    attr = struct.pack("=QQ", handled, BIND_TCP | CONNECT_TCP) if abi >= TCP_SINCE else struct.pack("=Q", handled)
    ruleset = libc.syscall(CREATE_RULESET, attr, len(attr), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        for path in {*_always(), *read}:
            _allow(libc, ruleset, path, LOOK)
        _allow(libc, ruleset, Path(sekisho.__file__).parent.parent, READ_DIR)  # names alone: a child finds the package by them
        for path in {Path("/dev/null"), *write}:
            _allow(libc, ruleset, path, handled)
        for rights, ports in ((BIND_TCP, bind), (CONNECT_TCP, connect)):
            for port in ports if abi >= TCP_SINCE else ():
                _allow_port(libc, ruleset, port, rights)
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(RESTRICT_SELF, ruleset, 0):
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(ruleset)
    return True


SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc",
    "/dev/urandom",
    "/dev/null",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/sys/fs/cgroup",  # DuckDB asks how much memory and how many cores it has, and aborts where it may not ask
    "/sys/devices/system/cpu",
)


def _always() -> set[Path]:
    return {*(Path(p) for p in SYSTEM), Path(sys.prefix), Path(sys.base_prefix), Path(sekisho.__file__).parent}


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= FILE_RIGHTS
        rule = struct.pack("=Qi", rights, handle)
        if libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0):
            raise OSError(ctypes.get_errno(), f"landlock_add_rule {path}")
    finally:
        os.close(handle)


def _allow_port(libc: ctypes.CDLL, ruleset: int, port: int, rights: int) -> None:
    rule = struct.pack("=QQ", rights, port)
    if libc.syscall(ADD_RULE, ruleset, NET_PORT, rule, 0):
        raise OSError(ctypes.get_errno(), f"landlock_add_rule port {port}")


KEEP_CAPS, DROP_BOUNDING = 8, 24
CAP_NET_ADMIN = 12
LAST_CAP = 63
CAPSET, CAPABILITY_VERSION = 126, 0x20080522


def enter_network(namespace: str) -> None:
    """Go into a network namespace that `ip netns` knows by this name. Raises OSError; needs CAP_SYS_ADMIN. This thread only."""
    with Path(f"/run/netns/{namespace}").open("rb") as file:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def in_network(namespace: str) -> bool:
    """Whether this thread is where that name leads now: a namespace that was made anew is another one."""
    try:
        return Path(f"/run/netns/{namespace}").stat().st_ino == Path("/proc/thread-self/ns/net").stat().st_ino
    except OSError:
        return False


def only_the_network(user: str, *, no_right: bool = False) -> bool:
    """From now on this process has the right to change the network and no other, as `user` if one is named. False where that failed.

    `no_right`: not even that one.

    Root alone can become somebody else; whoever is not root keeps the right if they were started with it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        for number in range(LAST_CAP + 1):
            if no_right or number != CAP_NET_ADMIN:
                libc.prctl(DROP_BOUNDING, number, 0, 0, 0)
        if user:
            libc.prctl(KEEP_CAPS, 1, 0, 0, 0)
            who = pwd.getpwnam(user)
            os.setgroups([])
            os.setresgid(who.pw_gid, who.pw_gid, who.pw_gid)
            os.setresuid(who.pw_uid, who.pw_uid, who.pw_uid)
    return _keep_rights(libc, 0 if no_right else 1 << CAP_NET_ADMIN)


def without_rights() -> bool:
    """From now on this process has none of root's rights, whoever runs it. False where that failed."""
    return _keep_rights(ctypes.CDLL(None, use_errno=True), 0)


def _keep_rights(libc: ctypes.CDLL, rights: int) -> bool:
    head, data = struct.pack("=Ii", CAPABILITY_VERSION, 0), struct.pack("=6I", rights, rights, 0, 0, 0, 0)
    return bool(libc.syscall(CAPSET, head, data) == 0)

"""What a process gives up, it has given up: files, ports and the network, tried from inside a real child."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sekisho.faces.processes.confine import CREATE_RULESET, VERSION_FLAG

ABI = ctypes.CDLL(None, use_errno=True).syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
landlocked = pytest.mark.skipif(ABI < 4, reason="this kernel has no Landlock with network rules: nothing to try (the log says so at start)")

TRY = """
import json, os, socket, sys
from pathlib import Path
from sekisho.faces.processes.confine import confine, without_network
asked = json.loads(sys.argv[1])
def attempt(act):
    try:
        act()
        return "done"
    except OSError as no:
        return type(no).__name__
def bind(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
def datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", 9))
told = {}
if asked.get("alone"):
    told["alone"] = without_network()
if "read" in asked:
    told["held"] = confine([Path(p) for p in asked["read"]], [Path(p) for p in asked["write"]], asked["connect"], asked["bind"])
for name, (what, where) in asked["try"].items():
    acts = {
        "read": lambda: Path(where).read_bytes(),
        "list": lambda: os.listdir(where),
        "write": lambda: Path(where).write_bytes(b"x"),
        "unlink": lambda: os.unlink(where),
        "bind": lambda: bind(where),
        "datagram": datagram,
        "import": lambda: __import__(where),
    }
    told[name] = attempt(acts[what])
print(json.dumps(told))
"""


def inside(**asked: Any) -> dict[str, Any]:
    """Run the child that confines itself and then tries."""
    run = subprocess.run([sys.executable, "-c", TRY, json.dumps(asked)], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    return told


@landlocked
def test_only_the_named_folders_are_read_and_written(tmp_path: Path) -> None:
    """Reading below `read`, writing below `write`, and nothing of a folder beside them."""
    for name in ("mine", "yours", "shared"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x", encoding="utf-8")
    told = inside(
        read=[str(tmp_path / "shared")],
        write=[str(tmp_path / "mine")],
        connect=[],
        bind=[],
        **{
            "try": {
                "read shared": ("read", str(tmp_path / "shared/file")),
                "write shared": ("write", str(tmp_path / "shared/file")),
                "delete shared": ("unlink", str(tmp_path / "shared/file")),
                "read mine": ("read", str(tmp_path / "mine/file")),
                "write mine": ("write", str(tmp_path / "mine/new")),
                "read yours": ("read", str(tmp_path / "yours/file")),
                "list yours": ("list", str(tmp_path / "yours")),
                "write yours": ("write", str(tmp_path / "yours/new")),
                "the interpreter's own": ("import", "email.mime.text"),
            }
        },
    )
    assert told == {
        "held": True,
        "read shared": "done",
        "write shared": "PermissionError",
        "delete shared": "PermissionError",
        "read mine": "done",
        "write mine": "done",
        "read yours": "PermissionError",
        "list yours": "PermissionError",
        "write yours": "PermissionError",
        "the interpreter's own": "done",
    }
    assert (tmp_path / "shared/file").read_text(encoding="utf-8") == "x"


@landlocked
def test_only_the_named_ports_are_bound() -> None:
    told = inside(read=[], write=[], connect=[], bind=[18470], **{"try": {"named": ("bind", 18470), "another": ("bind", 18471)}})
    assert told == {"held": True, "named": "done", "another": "PermissionError"}


@landlocked
def test_a_folder_that_is_not_there_gives_no_right_and_no_error(tmp_path: Path) -> None:
    """A settings file that names what does not exist yet does not open anything later."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    later = tmp_path / "later"
    told = inside(read=[str(later)], write=[], connect=[], bind=[], **{"try": {"read": ("read", str(tmp_path / "file"))}})
    assert told == {"held": True, "read": "PermissionError"}


def test_a_process_alone_reaches_nobody_not_even_itself() -> None:
    """No datagram to loopback, where the kernel lets a process leave the network at all."""
    told = inside(alone=True, **{"try": {"datagram": ("datagram", "")}})
    if not told["alone"]:
        pytest.skip("this kernel lets no unprivileged process leave the network; the log says so at start")
    assert told["datagram"] == "OSError"

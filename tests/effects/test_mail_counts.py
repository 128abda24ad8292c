"""Counts are on disk before an answer leaves, and in the file itself some seconds later; the answering waits for neither."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from sekisho.effects import mail_counts
from sekisho.effects.mail_counts import Hold, MailCounts

KILLED = """\
import os, signal, sys
from pathlib import Path
from sekisho.effects.mail_counts import MailCounts
counts = MailCounts(Path(sys.argv[1]))
for at in range(300):
    counts.add("limit", b"alice", at // 60, 2)
    counts.see("grey", b"first", (0, at > 200, at))
    counts.see("grey", b"%d" % at, (at, False, at))
    counts.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_nothing_that_it_answered(tmp_path: Path) -> None:
    path = tmp_path / "counts.db"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL
    counts = MailCounts(path)
    assert counts.sent("limit", b"alice", 0) == (300, 600)
    assert counts.seen("grey", b"first") == (0, True, 299), "as it was seen last"
    assert [counts.seen("grey", b"%d" % at) for at in (0, 299)] == [(0, False, 0), (299, False, 299)]
    counts.close()


def test_settled_the_file_alone_has_it(tmp_path: Path) -> None:
    """What lies beside it may be gone with the machine's power."""
    path, copy = tmp_path / "counts.db", tmp_path / "copy.db"
    counts = MailCounts(path)
    counts.add("limit", b"alice", 7, 1)
    counts.see("grey", b"first", (1, False, 2))
    counts.hold("limit", b"bob", Hold(5, "box"))
    counts.commit()
    counts.settle()
    shutil.copy(path, copy)
    alone = MailCounts(copy)
    assert alone.sent("limit", b"alice", 0) == (1, 1)
    assert alone.seen("grey", b"first") == (1, False, 2)
    assert alone.untold(9) == [("limit", b"bob", Hold(5, "box"))]
    counts.add("limit", b"alice", 7, 1)
    counts.commit()
    assert counts.sent("limit", b"alice", 0) == (2, 2), "and it goes on as before"
    alone.close()
    counts.close()


def test_nobody_settles_for_a_long_time_and_what_lies_beside_the_file_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "counts.db"
    counts = MailCounts(path)
    many = mail_counts.LONGEST // mail_counts.PAGE
    for turn in range(2 * many // 500):
        for n in range(500):
            counts.see("grey", b"%20d" % (n * 997), (turn, False, turn))
        counts.commit()
    assert 0 < (tmp_path / "counts.db-wal").stat().st_size < 1.2 * mail_counts.LONGEST
    counts.close()


def test_what_was_seen_is_forgotten_with_its_time_and_not_written_again(tmp_path: Path) -> None:
    counts = MailCounts(tmp_path / "counts.db")
    counts.see("grey", b"old", (1, False, 1))
    counts.see("grey", b"new", (9, False, 9))
    counts.commit()
    counts.see("grey", b"old", (1, False, 2))
    counts.forget({"grey": 5})
    counts.commit()
    with sqlite3.connect(f"file:{tmp_path / 'counts.db'}?mode=ro", uri=True) as db:
        assert db.execute("SELECT token, first, last FROM seen").fetchall() == [(b"new", 9, 9)]
    counts.close()

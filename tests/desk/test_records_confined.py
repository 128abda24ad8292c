"""`keep` may write its own folder and nothing else, so its records must need nothing else, however much one turn changes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from sekisho.desk import records
from sekisho.desk.open_records import open_records
from tests.desk.office import THEN

ROWS = 400


def elsewhere(folder: Path) -> list[str]:
    """Files this process holds open that a database made outside of its folder."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(descriptor.readlink()))
        except OSError:
            continue
    return [name for name in found if "etilqs" in name and not name.startswith(str(folder))]


def test_a_large_turn_opens_no_file_beside_the_records(tmp_path: Path) -> None:
    """A request's savepoint over many pages: SQLite would put the old pages into a file in /tmp, where `keep` may not write."""
    engine = open_records(tmp_path / "keep.db")
    with engine.begin() as db:
        for number in range(ROWS):
            records.add(db, records.PLANS, b"x" * 2000, THEN, id=f"{number:016x}", measure="-", proposer="-")
    with engine.begin() as db, db.begin_nested():
        records.add(db, records.PLANS, b"x", THEN, id="f" * 16, measure="-", proposer="-")
        db.execute(update(records.PLANS).values(body=b"y" * 2000))
        assert elsewhere(tmp_path) == []
    engine.dispose()

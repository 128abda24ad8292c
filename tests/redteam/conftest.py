"""Two installations, made once and copied for each attack: one where a finding waits for its plan, one where the plan was agreed to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sekisho.faces.processes import work
from sekisho.faces.unsafe import demo as unsafe_demo
from tests.node import Desk, asked, serving, thread


@dataclass(frozen=True)
class Stage:
    """An installation at rest, with its root key and the plan its finding asks for."""

    folder: Path
    root: bytes
    plan: str

    def copy(self, folder: Path) -> unsafe_demo.Demo:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return unsafe_demo.Demo(folder, 8470)

    def serve(self, folder: Path) -> AbstractContextManager[Desk]:
        return serving(self.copy(folder), self.root)


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Standing permits, register, sealed hits, a finding and its plan."""
    folder = tmp_path_factory.mktemp("found")
    with thread(folder) as desk:
        desk.people.stand()
        desk.people.register()
        intake = desk.intake()
        desk.hear(intake)
        intake.close()
        (look,) = desk.due()
        work.look(desk.outside("work", [look]), look)
        (plan,) = asked(desk.world)
        return Stage(folder, desk.root, plan)


@pytest.fixture(scope="session")
def agreed(found: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The same, with text, confirmation and approvals: six permits, and no look opened yet."""
    folder = tmp_path_factory.mktemp("agreed")
    with found.serve(folder) as desk:
        assert len(desk.people.agree(found.plan)) == 6
    return Stage(folder, found.root, found.plan)


@pytest.fixture
def waiting(found: Stage, tmp_path: Path) -> Iterator[Desk]:
    """`keep` serves; a plan waits for papers and people."""
    with found.serve(tmp_path / "node") as desk:
        yield desk


@pytest.fixture
def permitted(agreed: Stage, tmp_path: Path) -> Iterator[Desk]:
    """`keep` serves; every permit of the story is in force."""
    with agreed.serve(tmp_path / "node") as desk:
        yield desk


@pytest.fixture
def plan(found: Stage) -> str:
    return found.plan


Call = Callable[[], object]

"""Another edition of the case book comes into force by an officer's word: whole or not at all, and never by anybody else's."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk import books
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import remeasure
from sekisho.desk.public import book_place
from sekisho.desk.signed_words import BookChange
from sekisho.desk.world import LedgerRefuses
from sekisho.law import package as packages
from sekisho.law.casebook import load
from sekisho.law.package import Edition, Package, pack
from sekisho.ledger.faults import LedgerError
from tests.conftest import ROOT
from tests.desk.office import Office
from tests.ledger.breaking import Killed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
JP = ROOT / "casebook" / "jp"
NOTICE = "infected-notice.toml"
Change = Callable[[Path], None]


REALLY_ASKED = (
    "test_an_edition_is_in_force_with_the_next_question",
    "test_a_book_that_is_wrong_about_itself_is_refused_and_leaves_nothing",
)


@pytest.fixture(autouse=True)
def _quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The book's thousand worked questions are asked in two of these tests; in the others they are taken as answered."""
    if request.node.originalname not in REALLY_ASKED:
        monkeypatch.setattr("sekisho.desk.book.load_book.wrong", lambda _book: ())


def trusting(office: Office, *keys: Ed25519PrivateKey) -> Office:
    """The settings name these publishers."""
    named = json.dumps([k.public_key().public_bytes_raw().hex() for k in keys])
    file = office.home / "sekisho.toml"
    text = re.sub(r"^publishers = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(text.replace("look_seconds", f"publishers = {named}\nlook_seconds", 1), "utf-8")
    office.world.settings = office.settings
    return office


def edited(folder: Path, name: str, change: Callable[[str], str]) -> None:
    file = folder / name
    text = file.read_text("utf-8")
    file.write_text(change(text), "utf-8")
    assert file.read_text("utf-8") != text


def in_case(case: str, change: Callable[[str], str]) -> Change:
    """A change inside one case of the notice's file."""

    def made(folder: Path) -> None:
        def inside(text: str) -> str:
            head, mark, rest = text.partition(f'id = "{case}"')
            assert mark
            body, following, tail = rest.partition("\n[[case]]")
            return head + mark + change(body) + following + tail

        edited(folder, NOTICE, inside)

    return made


def ended(text: str) -> str:
    """The case ended yesterday, in Japan."""
    return re.sub(r"^(seen = .*)$", r"\1\nuntil = 2026-11-22", text, count=1, flags=re.MULTILINE)


def retitled(text: str) -> str:
    return re.sub(r'title = \{ ja = "', 'title = { ja = "※', text, count=1)


def edition(
    office: Office,
    tmp: Path,
    *changes: Change,
    version: str = "2026.11.22",
    key: Ed25519PrivateKey = KEY,
    before: tuple[Edition, ...] | None = None,
) -> Package:
    """The book in force, changed, as its next edition."""
    folder = tmp / f"edition-{version}"
    shutil.copytree(book_place(office.settings), folder)
    edited(folder, "book.toml", lambda t: re.sub(r'^version = ".*"$', f'version = "{version}"', t, flags=re.MULTILINE))
    for change in changes:
        change(folder)
    now = office.world.book
    return pack(folder, key, (Edition(now.version, now.digest),) if before is None else before)


def loaded(office: Office, edition: Package, who: str = "officer", **changed: Any) -> dict[str, Any]:
    key = office.keys[who]
    words = BookChange(edition.book, office.world.book.digest, edition.digest, False, key.person, office.watch.at)
    words = replace(words, **{k: v for k, v in changed.items() if k != "text"})
    text = changed.get("text", edition.encode().decode())
    return dict(office.terminal.call("load-book", change=words, signature=key.sign(words), package=text))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def entries(office: Office) -> list[str]:
    return [json.loads(e)["type"] for e in office.world.log.entries()]


def in_force(office: Office) -> str:
    return str(office.terminal.call("book")["digest"])


def measured(office: Office) -> int:
    with office.turn() as world:
        return int(remeasure.carry_out(world, remeasure.Remeasure())["ended"])


def states(office: Office) -> dict[str, str]:
    return {p["step"]: p["state"] for p in office.permits()}


def confirmed_case(office: Office, step: str) -> str:
    """A case that a permit for this step rests on only because the officer confirmed it."""
    given = {c["case"] for c in office.terminal.call("confirmations")}
    return str(next(c for p in office.permits() if p["step"] == step for c in p["cases"] if c in given))


# In force


def test_an_edition_is_in_force_with_the_next_question(office: Office, tmp_path: Path) -> None:
    package = edition(trusting(office, KEY), tmp_path)
    said = loaded(office, package)
    assert said == {"book": package.book, "version": "2026.11.22", "replaces": load(JP).digest, "older": False}
    assert in_force(office) == package.book
    assert office.terminal.call("book")["shipped"] is False
    assert entries(office)[-1] == "book-loaded"
    assert json.loads(list(office.world.log.entries())[-1])["ids"] == {"book": package.book}


def test_the_edition_stays_in_force_after_a_restart(office: Office, tmp_path: Path) -> None:
    package = edition(trusting(office, KEY), tmp_path)
    loaded(office, package)
    office.reopen()
    assert in_force(office) == package.book
    assert office.terminal.call("compare")["differences"] == []


def test_who_only_asks_the_gate_asks_the_book_in_force(office: Office, tmp_path: Path) -> None:
    assert load(book_place(office.settings)).digest == in_force(office)
    package = edition(trusting(office, KEY), tmp_path)
    loaded(office, package)
    assert in_force(office) == package.book
    assert load(book_place(office.settings)).digest == package.book


def test_a_release_with_a_newer_book_takes_over_and_one_with_the_same_does_not(office: Office, tmp_path: Path) -> None:
    package = edition(trusting(office, KEY), tmp_path)
    loaded(office, package)
    released = tmp_path / "released"
    shutil.copytree(JP, released)
    settings = office.home / "sekisho.toml"
    text = settings.read_text("utf-8")
    for version, stays in (("2026.11.21.1", True), ("2026.12.1", False)):
        edited(released, "book.toml", lambda t, v=version: re.sub(r'version = ".*"', f'version = "{v}"', t, count=1))  # type: ignore[misc] # bound now
        settings.write_text(re.sub(r"^book = .*$", f"book = {json.dumps(str(released))}", text, flags=re.MULTILINE), "utf-8")
        office.reopen()
        assert (in_force(office) == package.book) == stays, version
    assert office.terminal.call("book")["version"] == "2026.12.1"


def test_an_old_permit_is_explained_by_the_old_book(office: Office, tmp_path: Path) -> None:
    permit = next(p for p in office.permits() if p["step"] == "match")
    before = office.terminal.call("explain", entry=permit["ledger_index"])
    changed = in_case(confirmed_case(office, "match"), retitled)
    loaded(office, edition(trusting(office, KEY), tmp_path, changed))
    after = office.terminal.call("explain", entry=permit["ledger_index"])
    assert after["decisions"] == before["decisions"]
    assert (before["book"]["in_force"], after["book"]["in_force"]) == (True, False)


def test_a_file_in_a_folder_below_is_kept_with_its_book(office: Office, tmp_path: Path) -> None:
    def deeper(folder: Path) -> None:
        (folder / "further").mkdir(exist_ok=True)
        (folder / "further" / "kept.toml").write_text("# kept\n", encoding="utf-8")

    try:
        package = edition(trusting(office, KEY), tmp_path, deeper)
    except packages.CasebookError:
        pytest.skip("the reader knows every folder of a book and this is none of them")
    loaded(office, package)
    assert (books.folder_of(office.world) / package.book / "further" / "kept.toml").is_file()


# What stands


def test_permits_stay_where_their_cases_are_as_they_were(office: Office, tmp_path: Path) -> None:
    """The confirmation, too: the officer said it of this very case, and the case is word for word the same."""
    elsewhere = lambda folder: edited(folder, "name-board.toml", retitled)  # noqa: E731 - one change, named
    loaded(office, edition(trusting(office, KEY), tmp_path, elsewhere))
    assert measured(office) == 0
    assert set(states(office).values()) == {"in-force"}


def test_a_confirmation_of_a_case_that_changed_counts_no_more(office: Office, tmp_path: Path) -> None:
    case = confirmed_case(office, "match")
    loaded(office, edition(trusting(office, KEY), tmp_path, in_case(case, retitled)))
    assert measured(office) > 0
    assert states(office)["match"] == "ended"


def test_a_confirmation_counts_no_more_when_the_evidence_it_was_about_means_something_else(office: Office, tmp_path: Path) -> None:
    """The case is the same, but a kind of evidence it asks for may now be vouched for otherwise."""
    case = office.world.book.case(confirmed_case(office, "match"))
    kind = next(str(c.params["kind"]) for c in case.conditions if "kind" in c.params)

    def renamed(text: str) -> str:
        head, mark, rest = text.partition(f'name = "{kind}"')
        assert mark
        return head + mark + retitled(rest)

    loaded(office, edition(trusting(office, KEY), tmp_path, lambda f: edited(f, "evidence.toml", renamed)))
    assert measured(office) > 0
    assert states(office)["match"] == "ended"


def test_a_confirmation_from_before_rules_were_named_ends_with_its_book(founded: Office, tmp_path: Path) -> None:
    """Without the digest of the case nobody can tell that it is the same."""
    plan = founded.propose()
    founded.supply(plan)
    founded.confirm(plan, rule="")
    founded.approve(plan, "reviewer-a")
    founded.approve(plan, "reviewer-b")
    assert states(founded)["match"] == "in-force"
    loaded(founded, edition(trusting(founded, KEY), tmp_path))
    assert measured(founded) > 0
    assert states(founded)["match"] == "ended"


def test_a_confirmation_names_the_rule_of_its_own_case(founded: Office) -> None:
    plan = founded.propose()
    assert refused(lambda: founded.confirm(plan, rule="c" * 64)) == "another-book"


def test_permits_whose_case_ended_in_the_new_edition_end(office: Office, tmp_path: Path) -> None:
    case = confirmed_case(office, "match")
    loaded(office, edition(trusting(office, KEY), tmp_path, in_case(case, ended)))
    assert measured(office) > 0
    after = states(office)
    assert after["match"] == "ended"
    assert "in-force" in after.values(), "what rests on other cases stays"


def test_what_was_approved_under_the_old_book_is_shown_and_approved_anew(founded: Office, tmp_path: Path) -> None:
    plan = founded.propose()
    founded.supply(plan)
    founded.approve(plan, "reviewer-a")
    shown = founded.terminal.call("plan", plan=plan)["shown"]
    loaded(founded, edition(trusting(founded, KEY), tmp_path))
    again = founded.terminal.call("plan", plan=plan)
    assert again["shown"] != shown
    assert again["signatures_given"] == 0
    founded.approve(plan, "reviewer-a")


# Who may, and what


@pytest.mark.parametrize("who", ["engineer", "desk", "reviewer-a", "auditor"])
def test_only_the_legal_officer_puts_a_book_in_force(office: Office, tmp_path: Path, who: str) -> None:
    package, before = edition(trusting(office, KEY), tmp_path), in_force(office)
    assert refused(lambda: loaded(office, package, who)) == "wrong-role"
    assert in_force(office) == before


def test_the_officer_signs_for_one_package_one_replacement_and_one_moment(office: Office, tmp_path: Path) -> None:
    package = edition(trusting(office, KEY), tmp_path)
    other = edition(office, tmp_path, version="2026.11.23")
    size = office.world.log.size
    late = office.watch.at - timedelta(minutes=6)
    assert refused(lambda: loaded(office, package, at=late)) == "waited-too-long"
    assert refused(lambda: loaded(office, package, replaces="c" * 64)) == "another-book"
    assert refused(lambda: loaded(office, package, text=other.encode().decode())) == "another-package"
    assert refused(lambda: loaded(office, package, package="c" * 64)) == "another-package"
    assert refused(lambda: loaded(office, package, by=office.keys["engineer"].person)) == "signed-by-another"
    assert office.world.log.size == size
    words = BookChange(package.book, office.world.book.digest, package.digest, False, office.keys["officer"].person, office.watch.at)
    signature = office.keys["officer"].sign(replace(words, older=True))
    ask = lambda: office.terminal.call("load-book", change=words, signature=signature, package=package.encode().decode())  # noqa: E731 - asked once
    assert refused(ask) == "bad-signature"


def test_the_same_words_are_not_played_twice(office: Office, tmp_path: Path) -> None:
    package = edition(trusting(office, KEY), tmp_path)
    before = office.world.book.digest
    loaded(office, package)
    assert refused(lambda: loaded(office, package, replaces=before)) == "done-already"
    office.watch.wind(seconds=1)
    assert refused(lambda: loaded(office, package, replaces=before)) == "another-book"
    assert refused(lambda: loaded(office, package)) == "book-in-force-already"


def test_a_publisher_nobody_named_is_not_trusted(office: Office, tmp_path: Path) -> None:
    """None named: the shipped book alone. Another named: not this one."""
    package = edition(office, tmp_path, key=STRANGER)
    assert refused(lambda: loaded(office, package)) == "unknown-publisher"
    trusting(office, KEY)
    assert refused(lambda: loaded(office, package)) == "unknown-publisher"
    trusting(office, KEY, STRANGER)
    assert loaded(office, package)["version"] == "2026.11.22"


def test_a_changed_package_is_refused_with_the_place(office: Office, tmp_path: Path) -> None:
    package = edition(trusting(office, KEY), tmp_path)
    text = package.encode().decode()
    with pytest.raises(KeepSaidNo) as no:
        loaded(office, package, text=text.replace("2026.11.22", "2026.11.29", 1))
    assert no.value.code == "not-a-package"
    assert "signature" in no.value.detail["why"]


def test_another_countrys_book_is_not_loaded_by_the_way(office: Office, tmp_path: Path) -> None:
    foreign = edition(
        trusting(office, KEY), tmp_path, lambda f: edited(f, "book.toml", lambda t: t.replace('country = "jp"', 'country = "zz"'))
    )
    assert refused(lambda: loaded(office, foreign)) == "another-country"


# Older


def test_an_older_edition_is_refused_unless_the_officer_asks_for_it_by_name(office: Office, tmp_path: Path) -> None:
    """Back to the edition before: a downgrade is how a stricter rule would be dodged."""
    first = edition(trusting(office, KEY), tmp_path)
    second = edition(office, tmp_path, version="2026.11.23", before=packages.lineage(first))
    loaded(office, second)
    assert in_force(office) == second.book
    assert refused(lambda: loaded(office, first)) == "older-book"
    assert loaded(office, first, older=True)["older"] is True
    assert in_force(office) == first.book
    office.reopen()
    assert in_force(office) == first.book
    assert loaded(office, second)["older"] is False, "and forward again"


def test_an_edition_may_skip_those_between(office: Office, tmp_path: Path) -> None:
    now = office.world.book
    chain = (Edition("2027.3.1", "b" * 64), Edition("2027.1.1", "a" * 64), Edition(now.version, now.digest))
    assert loaded(office, edition(trusting(office, KEY), tmp_path, version="2027.6.1", before=chain))["older"] is False


def test_a_newer_version_of_another_line_is_refused_as_older_is(office: Office, tmp_path: Path) -> None:
    """A number is easily written; what it follows is a digest."""
    stranger = edition(trusting(office, KEY), tmp_path, version="2099.1.1", before=(Edition("2026.1.1", "a" * 64),))
    assert refused(lambda: loaded(office, stranger)) == "older-book"


# Wrong, or cut short


def test_a_book_that_is_wrong_about_itself_is_refused_and_leaves_nothing(office: Office, tmp_path: Path) -> None:
    """Its own worked question comes out otherwise: somebody changed a rule and forgot what it was for."""
    wrong = edition(
        trusting(office, KEY), tmp_path, lambda f: edited(f, NOTICE, lambda t: t.replace('expect = "referred"', 'expect = "permitted"', 1))
    )
    before, kept = in_force(office), sorted(p.name for p in books.folder_of(office.world).iterdir())
    with pytest.raises(KeepSaidNo) as no:
        loaded(office, wrong)
    assert no.value.code == "book-is-wrong"
    assert no.value.detail["file"] == "infected-notice"
    assert (no.value.detail["expect"], no.value.detail["got"]) == ("permitted", "referred")
    assert no.value.detail["because"].keys() == {"ja", "en"}
    assert in_force(office) == before
    assert sorted(p.name for p in books.folder_of(office.world).iterdir()) == kept


def test_a_full_disk_leaves_the_old_book(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, before = edition(trusting(office, KEY), tmp_path), in_force(office)
    real, written = packages.os.fsync, []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as broken:
        broken.setattr(packages.os, "fsync", full)
        assert refused(lambda: loaded(office, package)) == "book-not-written"
    assert in_force(office) == before
    assert not [p for p in books.folder_of(office.world).iterdir() if p.name.endswith(".new")]
    loaded(office, package)
    assert in_force(office) == package.book


def test_a_ledger_that_will_not_write_leaves_the_old_book(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No entry, no switch."""
    package, before = edition(trusting(office, KEY), tmp_path), in_force(office)

    def full(_entries: object) -> None:
        raise LedgerError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(office.world.log, "append_many", full)
        with pytest.raises(LedgerRefuses):
            loaded(office, package)
    assert in_force(office) == before
    office.reopen()
    assert in_force(office) == before


@pytest.mark.parametrize("where", ["files", "settle", "examples"])
def test_killed_before_its_entry_a_load_never_was(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    package, before = edition(trusting(office, KEY), tmp_path), in_force(office)

    def killed(*_: object, **__: object) -> None:
        raise Killed

    examples = "sekisho.desk.book.load_book.wrong"
    target = {"files": "sekisho.law.package.os.fsync", "settle": "sekisho.desk.books._sync", "examples": examples}
    with monkeypatch.context() as broken:
        broken.setattr(target[where], killed)
        with pytest.raises(Killed):
            loaded(office, package)
    office.reopen()
    assert in_force(office) == before
    assert "book-loaded" not in entries(office)
    loaded(office, package)
    assert in_force(office) == package.book


def test_killed_between_its_entry_and_the_records_a_load_holds(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ledger says came into force is in force after the restart, and the ledger says that the row was lost."""
    package = edition(trusting(office, KEY), tmp_path)

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr("sekisho.desk.records.set_entry", killed)
        with pytest.raises(Killed):
            loaded(office, package)
    office.reopen()
    assert in_force(office) == package.book
    assert entries(office).count("book-loaded") == 1
    assert office.terminal.call("compare")["differences"] == []


@pytest.mark.parametrize("how", ["changed", "cut", "more", "a file", "a link"])
def test_a_book_that_was_damaged_is_mended_by_loading_it_again(office: Office, tmp_path: Path, how: str) -> None:
    """The same signed package, while the node still runs with it; then a restart finds it whole, and nothing is left beside it."""
    package = edition(trusting(office, KEY), tmp_path)
    loaded(office, package)
    later = office.watch.at + timedelta(seconds=1)
    assert refused(lambda: loaded(office, package, replaces=package.book, at=later)) == "book-in-force-already"
    folder = books.folder_of(office.world)
    damaged(folder / package.book, how)
    said = loaded(office, package, replaces=package.book, at=office.watch.at + timedelta(seconds=2))
    assert (said["book"], said["older"]) == (package.book, False)
    assert packages.files_of(folder / package.book) == dict(package.files)
    office.reopen()
    assert in_force(office) == package.book
    assert not [p.name for p in folder.iterdir() if p.name.endswith((".new", ".damaged"))]


def damaged(place: Path, how: str) -> None:
    if how == "changed":
        edited(place, NOTICE, retitled)
    elif how == "cut":
        (place / NOTICE).unlink()
    elif how == "more":
        (place / "more.toml").write_text("", encoding="utf-8")
    else:
        shutil.rmtree(place)
        place.write_text("", encoding="utf-8") if how == "a file" else place.symlink_to(place.parent / "elsewhere")


@pytest.mark.parametrize("how", ["lost", "changed"])
def test_a_node_whose_book_in_force_is_gone_decides_nothing(office: Office, tmp_path: Path, how: str) -> None:
    """It does not quietly fall back to another law; it says which book to put back."""
    package = edition(trusting(office, KEY), tmp_path)
    loaded(office, package)
    place = books.folder_of(office.world) / package.book
    if how == "lost":
        shutil.rmtree(place)
    else:
        edited(place, NOTICE, retitled)
    with pytest.raises(books.BookGone, match=package.book):
        office.reopen()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    packages.write(package.files, place)
    office.open()
    assert in_force(office) == package.book


def test_the_settings_name_publishers_by_their_public_keys(office: Office) -> None:
    from sekisho.desk.config import ConfigError

    file = office.home / "sekisho.toml"
    text = file.read_text("utf-8")
    for bad in ('["abc"]', f'["{"A" * 64}"]', "[7]", '"x"'):
        file.write_text(text.replace("look_seconds", f"publishers = {bad}\nlook_seconds", 1), "utf-8")
        with pytest.raises(ConfigError) as why:
            _ = office.settings
        assert why.value.code in ("not-a-public-key", "not-a-list")
    file.write_text(text, "utf-8")

"""Who may sign: a named person with a one-time code and a key of their own. There is no password, and no default one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk import records
from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.root import CannotUnlock, make_root, new_custodian, unlock
from sekisho.desk.signed_words import Invite
from sekisho.desk.staff.keyfile import KeyFile, read_key
from sekisho.desk.staff.statements import SignIn
from sekisho.law.words import Role
from tests.desk.office import Office


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        act()
    return no.value.code


def invite(office: Office, who: str = "officer", name: str = "Ito", roles: frozenset[Role] = frozenset({Role.REVIEWER})) -> str:
    key = office.keys[who]
    words = Invite(name, roles, key.person, office.watch.at)
    return str(office.terminal.call("invite", invite=words, signature=key.sign(words)))


def enrol(office: Office, code: str, half: bytes | None = None) -> str:
    half = half if half is not None else Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return str(office.terminal.call("enrol", code=code, key_kind="file", public_key=half))


def test_the_officer_invites_and_the_person_brings_their_own_key(founded: Office) -> None:
    person = enrol(founded, invite(founded))
    found = next(p for p in founded.terminal.call("people") if p["id"] == person)
    assert (found["name"], found["roles"], found["key_kind"]) == ("Ito", ["reviewer"], "file")


@pytest.mark.parametrize("who", ["engineer", "desk", "reviewer-a", "auditor"])
def test_nobody_else_invites(founded: Office, who: str) -> None:
    """Only the legal officer invites; everybody else is refused."""
    assert refused(lambda: invite(founded, who)) == "wrong-role"


def test_nobody_in_no_role_is_invited(founded: Office) -> None:
    assert refused(lambda: invite(founded, name="  ")) == "nobody-invited"
    assert refused(lambda: invite(founded, roles=frozenset())) == "nobody-invited"


def test_an_invitation_is_signed_by_who_invites(founded: Office) -> None:
    key, other = founded.keys["officer"], founded.keys["desk"]
    words = Invite("Ito", frozenset({Role.OFFICER}), key.person, founded.watch.at)
    assert refused(lambda: founded.terminal.call("invite", invite=words, signature=other.sign(words))) == "signed-by-another"
    wider = replace(words, roles=frozenset({Role.OFFICER, Role.AUDITOR}))
    assert refused(lambda: founded.terminal.call("invite", invite=wider, signature=key.sign(words))) == "bad-signature"


def test_a_code_works_once(founded: Office) -> None:
    code = invite(founded)
    enrol(founded, code)
    assert refused(lambda: enrol(founded, code)) == "unknown-or-used-code"
    assert refused(lambda: enrol(founded, "guessed")) == "unknown-or-used-code"


def test_one_key_is_one_person(founded: Office) -> None:
    """Two names behind one key would be two signatures of one hand."""
    half = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    enrol(founded, invite(founded, name="Ito"), half)
    code = invite(founded, name="Kato")
    assert refused(lambda: enrol(founded, code, half)) == "known-key"
    enrol(founded, code)


def test_a_code_that_waited_four_days_is_too_old(founded: Office) -> None:
    code = invite(founded)
    founded.watch.wind(days=2)
    assert founded.terminal.call("invited", code=code)["person"]["name"] == "Ito"
    founded.watch.wind(days=2)
    assert refused(lambda: enrol(founded, code)) == "code-too-old"


def test_asking_who_a_code_is_for_does_not_use_it_up(founded: Office) -> None:
    code = invite(founded)
    founded.terminal.call("invited", code=code)
    assert enrol(founded, code)


@pytest.mark.parametrize("half", [b"", b"x" * 31, b"x" * 1025])
def test_what_is_no_key_is_refused_and_the_code_still_works(founded: Office, half: bytes) -> None:
    code = invite(founded)
    assert refused(lambda: enrol(founded, code, half)) == "not-a-key"
    assert enrol(founded, code)


def test_only_the_digest_of_a_code_is_kept(founded: Office) -> None:
    """Who reads the records finds no door."""
    code = invite(founded)
    with founded.turn() as world:
        kept = records.rows(world.db, records.INVITATIONS)
    assert code not in str(kept)


def test_every_person_is_an_entry_of_the_ledger_without_their_name(founded: Office) -> None:
    person = enrol(founded, invite(founded))
    last = list(founded.world.log.entries())[-1].decode()
    assert person in last
    assert "Ito" not in last


def test_one_signed_invitation_is_one_code(founded: Office) -> None:
    """Handed in twice, it is refused; signed anew a moment later, it is another person of the same name."""
    first = enrol(founded, invite(founded))
    assert refused(lambda: invite(founded)) == "done-already"
    founded.watch.wind(seconds=1)
    assert enrol(founded, invite(founded)) != first


def test_a_sign_in_is_fresh_and_signed_by_who_signs_in(founded: Office) -> None:
    key = founded.keys["desk"]
    words = SignIn("", "nonce", founded.watch.at)
    found = founded.channel("show").call("sign-in", sign_in=words, signature=key.sign(words))
    assert found["id"] == key.person
    assert "public_key" not in found
    founded.watch.wind(minutes=6)
    assert refused(lambda: founded.channel("show").call("sign-in", sign_in=words, signature=key.sign(words))) == "waited-too-long"
    fresh = replace(words, at=founded.watch.at)
    stolen = replace(key.sign(fresh), person=founded.keys["officer"].person)
    assert refused(lambda: founded.channel("show").call("sign-in", sign_in=fresh, signature=stolen)) == "bad-signature"


def test_a_key_file_is_for_its_owner_and_is_not_overwritten(tmp_path: Path) -> None:
    key = KeyFile("person-0000000000000000", Ed25519PrivateKey.generate())
    key.write(tmp_path / "a.key")
    assert (tmp_path / "a.key").stat().st_mode & 0o077 == 0
    assert read_key(tmp_path / "a.key").public == key.public
    with pytest.raises(FileExistsError):
        key.write(tmp_path / "a.key")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "5", '{"person": "p", "private": "zz"}', '{"person": "p", "private": "00"}', '{"person": 1}']
)
def test_what_is_no_key_file_is_one_plain_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError):
        read_key(path)


def test_any_one_custodian_opens_the_root_and_nobody_else(tmp_path: Path) -> None:
    (first, to_first), (second, to_second), (stranger, _) = new_custodian(), new_custodian(), new_custodian()
    root = make_root(tmp_path, [to_first, to_second])
    assert unlock(tmp_path, first) == unlock(tmp_path, second + "\n") == root
    for wrong in (stranger, "AGE-SECRET-KEY-1", ""):
        with pytest.raises(CannotUnlock):
            unlock(tmp_path, wrong)
    with pytest.raises(FileExistsError):
        make_root(tmp_path, [to_first])
    with pytest.raises(CannotUnlock):
        unlock(tmp_path / "elsewhere", first)


def test_a_root_without_a_custodian_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        make_root(tmp_path, [])
    assert not list(tmp_path.iterdir())

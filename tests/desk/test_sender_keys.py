"""Day keys of a service: made only under a permit to keep, as long as it says, and destroyed for good at their term."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sekisho.desk.outside import KeepSaidNo
from sekisho.desk.permitting import retire
from sekisho.ledger.entry import Entry, EntryType
from sekisho_sender.record import Address, Record, Sender, SubjectKind
from sekisho_sender.seal import CannotSeal, closed_to, read_keyring
from tests.desk.office import Office
from tests.desk.posting import RECORD, SEEN_US, SERVICE, Posting, canonical

TODAY = date(2026, 11, 22)


def code(call: Callable[[], object]) -> str:
    with pytest.raises(KeepSaidNo) as no:
        call()
    return no.value.code


def retired(posting: Posting) -> int:
    with posting.office.turn() as world:
        return int(retire.carry_out(world, retire.Retire())["destroyed"])


def keeping(posting: Posting, step: str = "keep-post-log") -> str:
    return next(str(p["id"]) for p in posting.office.permits() if p["step"] == step)


def test_there_is_a_key_for_each_kind_and_each_of_the_next_fourteen_days(posting: Posting) -> None:
    file = posting.keys()
    kinds = ["post", "login", "signup", "logout", "account-deletion"]
    days = [(TODAY + timedelta(days=n)).isoformat() for n in range(14)]
    assert (file["schema"], file["service"]) == ("sekisho.sender-keys/1", "chat")
    assert [(k["kind"], k["day"]) for k in file["keys"]] == [(kind, day) for kind in kinds for day in days]
    assert len({k["public"] for k in file["keys"]}) == 5 * 14
    assert {date.fromisoformat(k["until"]) - date.fromisoformat(k["day"]) for k in file["keys"]} == {timedelta(days=181)}


def test_asked_again_it_is_the_same_keys_and_each_time_an_entry(posting: Posting) -> None:
    size = posting.office.world.log.size
    assert posting.keys() == posting.keys()
    assert [Entry.decode(e).type for e in posting.office.world.log.entries()][size:] == [EntryType.KEY_MADE] * 2


def test_the_file_is_signed_by_the_node_and_a_change_shows(posting: Posting) -> None:
    file = posting.keys(days=1)
    key = Ed25519PublicKey.from_public_bytes(posting.office.outside("terminal").public.permits)
    signature = bytes.fromhex(file.pop("signature"))
    key.verify(signature, canonical(file))
    file["keys"][0]["until"] = "2099-01-01"
    with pytest.raises(InvalidSignature):
        key.verify(signature, canonical(file))


def test_a_day_is_one_of_japan(posting: Posting) -> None:
    """The office opens at 05:50 of the 22nd in Japan, which is still the 21st in UTC."""
    assert posting.keys(days=1)["keys"][0]["day"] == "2026-11-22"
    posting.office.watch.wind(hours=18.5)
    assert posting.keys(days=1)["keys"][0]["day"] == "2026-11-23"


def test_without_a_permit_to_keep_there_is_no_key(founded: Office) -> None:
    with (founded.home / "sekisho.toml").open("a", encoding="utf-8") as settings:
        settings.write(SERVICE)
    assert code(Posting(founded.reopen()).keys) == "no-keeping-permit"


def test_a_kind_whose_permit_is_withdrawn_has_no_key_any_more(posting: Posting) -> None:
    posting.office.withdraw(keeping(posting, "keep-access-log"))
    assert {k["kind"] for k in posting.keys()["keys"]} == {"post"}
    posting.office.withdraw(keeping(posting))
    assert code(posting.keys) == "no-keeping-permit"


def test_a_withdrawn_permit_to_keep_opens_nothing_of_what_it_kept(posting: Posting, permit: str) -> None:
    posting.office.withdraw(keeping(posting))
    posting.ask(permit)
    posting.fetch()
    assert code(posting.look) == "withdrawn"


def test_no_key_is_made_for_a_day_beyond_the_permit(posting: Posting) -> None:
    posting.office.watch.wind(days=360)
    assert {k["day"] for k in posting.keys()["keys"]} == {(TODAY + timedelta(days=360 + n)).isoformat() for n in range(6)}


def test_what_cannot_be_is_refused(posting: Posting) -> None:
    for days in (0, -1, 63):
        assert code(lambda d=days: posting.keys(days=d)) == "bad-number"  # type: ignore[misc] # bound now
    assert code(lambda: posting.call("sender-keys", service="blog")) == "unknown-service"


def test_after_its_term_a_record_can_no_longer_be_opened_by_anybody(posting: Posting) -> None:
    posting.office.watch.wind(days=180)
    permit = posting.permit()
    assert posting.reveal(permit)["state"] == "shown"
    posting.office.watch.wind(days=1)
    for entry in (True, False):
        identity = posting.ask(permit)
        posting.fetch()
        assert code(posting.look) == "key-gone", "past its term, destroyed or not"
        assert posting.seen(identity)["view"] is None
        if entry:
            assert retired(posting) > 0
    assert Entry.decode(list(posting.office.world.log.entries())[-1]).type is not EntryType.KEY_RELEASE
    with pytest.raises(Exception, match="destroyed"):
        posting.office.world.vault.record_key(f"{keeping(posting)}/post/2026-11-22", b"")


def test_a_hold_keeps_exactly_the_keys_of_the_days_it_names_and_opens_nothing(posting: Posting) -> None:
    posting.keys()
    posting.office.watch.wind(days=179)
    kept = f"{keeping(posting)}/post/2026-11-22"
    hold = posting.cases.hold(posting.matter, kept, days=60)
    posting.office.watch.wind(days=4)
    permit = posting.permit()
    retired(posting)
    lying = set(posting.office.world.vault.key_ids())
    assert kept in lying
    assert not {k for k in lying if k.endswith(("/post/2026-11-23", "/login/2026-11-22"))}
    posting.ask(permit)
    posting.fetch()
    assert code(posting.look) == "held-only"
    posting.cases.lift(hold)
    retired(posting)
    assert kept not in posting.office.world.vault.key_ids()


def test_a_permit_given_for_a_hold_opens_what_that_hold_keeps(posting: Posting) -> None:
    posting.office.watch.wind(days=179)
    hold = posting.cases.hold(posting.matter, f"{keeping(posting)}/post/2026-11-22", days=60)
    posting.office.watch.wind(days=4)
    retired(posting)
    assert posting.both(posting.permit(holds=(hold,)))["source"]["ip"] == "203.0.113.9"


def test_an_old_copy_of_the_vault_brings_no_key_back(posting: Posting) -> None:
    before = {p: p.read_bytes() for p in (posting.office.settings.folder / "keep" / "vault" / "keys").iterdir()}
    posting.office.watch.wind(days=182)
    assert retired(posting) > 0
    for path, content in before.items():
        path.write_bytes(content)
    posting.office.reopen()
    kept = f"{keeping(posting)}/post/2026-11-22"
    assert kept not in posting.office.world.vault.key_ids()


def test_two_permits_to_keep_give_one_key_and_it_is_the_one_that_keeps_least_long(posting: Posting) -> None:
    name = "post-log-keeping"
    first = posting.keys(days=1)["keys"][0]
    posting.office.watch.wind(seconds=60)
    plan = posting.office.propose(name)
    posting.office.supply(plan, name)
    posting.office.approve(plan, "reviewer-b")
    again = [k for k in posting.keys(days=1)["keys"] if k["kind"] == "post"]
    assert len(again) == 1
    assert posting.reveal((posting.office.home / "permit").read_text(encoding="ascii"))["state"] == "shown", RECORD
    assert first["until"] == again[0]["until"]


def test_the_services_read_the_file_and_refuse_one_that_another_node_signed(posting: Posting) -> None:
    """`sekisho-sender` itself reads what the node writes."""
    text = canonical(posting.keys())
    signer = posting.office.outside("terminal").public.permits
    ring = read_keyring(text, signer)
    assert ring.service == "chat"
    assert ring.of(SubjectKind.POST, SEEN_US).day == "2026-11-22"
    with pytest.raises(CannotSeal, match="not signed"):
        read_keyring(text, bytes(range(32)))


def test_what_a_service_seals_with_the_file_opens_for_a_case(posting: Posting) -> None:
    """The whole way, with the service's own code at the other end."""
    ring = read_keyring(canonical(posting.keys()))
    sender = Sender(Address("203.0.113.9", 51234), None, SEEN_US, "10.0.0.1", "forwarded", "destination:unknown", tampered=False)
    said = Record("rec-0123456789abcdef-8", SubjectKind.POST, "post-0008", sender, host="web-2")
    closed = closed_to(said, ring.of(SubjectKind.POST, SEEN_US))
    posting.put(asdict(said), closed.sealed, closed.index, "2026-11-22")
    view = posting.both(posting.permit(records=("post-0008", "post-0001")), record="post-0008")
    assert (view["same_as"], view["not_compared"]) == ([RECORD], [])
    assert (view["source"], view["destination"]) == ({"ip": "203.0.113.9", "port": 51234}, None)
    assert (view["why_empty"], view["host"]) == ("destination:unknown", "web-2")

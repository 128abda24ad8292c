"""A list goes to a party: only under its permit, as approved, once, with people of our own in it; and it is known who was in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk.entrusting.hand_over_do import take_back
from sekisho.desk.entrusting.hand_over_draft import WrongList, fill
from sekisho.desk.outside import KeepIsGone
from sekisho.faces.processes.channel import LONGEST, frame
from sekisho.law.entrustment import What
from sekisho.ledger.entry import Entry
from tests.desk.handing import (
    LIST,
    RUNNERS,
    Killed,
    Party,
    act,
    csv,
    give,
    listed,
    outbox,
    permitted,
    prepared,
    said_in,
    sealed,
    tell,
    where,
)
from tests.desk.office import Office, refused
from tests.desk.test_entrust import PROOF, entrusted, move, state

MAIL = ("name", "mail")


@pytest.fixture(scope="module")
def _ready(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Party, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("ready") / "home").open()
    row, party = prepared(office)
    of = permitted(office, row, fields=MAIL)
    office.close()
    return office.home, row, party, of


@pytest.fixture
def ready(_ready: tuple[Path, str, Party, str], tmp_path: Path) -> Iterator[tuple[Office, str, Party, str]]:
    """A row whose party told its key, and a permit to hand over name and mail of the three runners."""
    home, row, party, of = _ready
    office = Office(home).copied_closed(tmp_path / "ready").open()
    office.watch.wind(minutes=1)
    yield office, row, party, of
    office.close()


Ready = tuple[Office, str, Party, str]


def ends(office: Office, **wire: str) -> list[tuple[str, str]]:
    return [(e.outcome, e.code) for e in act(office, **wire)]


def traces(folder: Path, *words: str) -> list[Path]:
    """Files of an installation in which one of these words stands as it is."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "canaries.csv"]
    spelled = [w.encode(e) for w in words for e in ("utf-8", "cp932")]
    return [p for p in files if any(w in p.read_bytes() for w in spelled)]


# The lawful way.


def test_a_list_goes_to_the_party_alone_with_the_permitted_columns_and_two_of_our_own(ready: Ready) -> None:
    office, _, party, of = ready
    identity = give(office, of)
    assert ends(office) == [("given", "")]
    found = party.opened(sealed(office, identity))
    assert found.columns == MAIL
    assert {r for r in found.rows if "guard" not in r[1]} == {(n, m) for n, m, _ in RUNNERS}
    assert sum("@sink.example.jp" in r[1] for r in found.rows) == 2
    with pytest.raises(Exception, match="No matching keys"):
        Party.new().plain(sealed(office, identity))


def test_what_happened_is_told_and_entered_without_a_name(ready: Ready) -> None:
    office, row, _, of = ready
    size, identity = office.world.log.size, give(office, of, without=csv([("ichiro@example.jp",)], ("who",)))
    act(office)
    (said,) = listed(office)
    told = {k: said[k] for k in ("id", "entrustment", "to", "state", "given", "withheld", "canaries", "columns", "permit", "name")}
    assert told == {
        "id": identity,
        "entrustment": row,
        "to": "Sakura Agency",
        "state": "given",
        "given": 2,
        "withheld": {"objected": 1},
        "canaries": 2,
        "columns": ["name", "mail"],
        "permit": of,
        "name": "desk",
    }
    kinds = [Entry.decode(e).type.value for e in office.world.log.entries(size, office.world.log.size)]
    assert kinds == ["hand-over", "handed-over"]


def test_no_name_stays_on_the_disk_whatever_stage_it_was_killed_at(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of)
    with pytest.raises(Killed):
        act(office, after="begin-hand-over")
    act(office)
    office.close()
    assert traces(office.home, "森 花", "hana@example.jp", "落花生") == []
    office.open()


def test_a_list_of_a_japanese_spreadsheet_goes_out_under_the_names_of_the_register(ready: Ready) -> None:
    office, row, party, _ = ready
    content = csv([("髙橋 花", "hana@example.jp", "=cmd")], ("氏名", "メール", "メモ"), "cp932")
    of = permitted(office, row, content, fields=MAIL, columns={"name": "氏名", "mail": "メール"})
    identity = give(office, of, content)
    assert ends(office) == [("given", "")]
    assert ("髙橋 花", "hana@example.jp") in party.opened(sealed(office, identity)).rows


def test_formulas_reach_nobodys_spreadsheet(ready: Ready) -> None:
    office, row, party, _ = ready
    content = csv([("=HYPERLINK(1)", "hana@example.jp", "")])
    identity = give(office, permitted(office, row, content, fields=MAIL), content)
    act(office)
    assert b'"\'=HYPERLINK(1)"' in party.plain(sealed(office, identity))


def test_nobody_of_our_own_stands_in_two_hand_overs(ready: Ready) -> None:
    office, row, party, of = ready
    first = give(office, of)
    act(office)
    again = give(office, permitted(office, row, fields=MAIL, why_not_lower="a second mailing"))
    assert ends(office) == [("refused", "too-few-canaries")]
    third = give(office, permitted(office, row, fields=MAIL, why_not_lower="a third", canaries=1))
    assert ends(office) == [("given", "")]
    guards = [{m for _, m in party.opened(sealed(office, i)).rows if "guard" in m} for i in (first, third)]
    assert not guards[0] & guards[1]
    assert not [p for p in outbox(office) if p.name.startswith(again)]


def test_by_aliases_a_party_never_holds_an_address(ready: Ready) -> None:
    office, row, party, _ = ready
    identity = give(office, permitted(office, row, fields=("name",), who="mail", rung="aliases"))
    act(office)
    plain = party.plain(sealed(office, identity)).decode()
    assert plain.splitlines()[0].endswith('"alias","name"')
    assert "@" not in plain


def test_the_largest_list_there_can_be_goes_through_the_channel_and_out(ready: Ready) -> None:
    office, row, party, _ = ready
    row = entrusted(office, persons=3_000)
    tell(office, row, party.key)
    content = csv([(f"走者 {n:05}", f"runner{n:05}@example.jp", "落花生" * 151) for n in range(2_200)])
    assert (3 << 20) - 200_000 < len(content) < 3 << 20
    identity = give(office, permitted(office, row, content, fields=MAIL), content)
    (waits,) = office.channel("act").call("hand-overs-waiting")
    assert len(frame({"result": [waits]})) < LONGEST
    assert ends(office) == [("given", "")]
    assert len(party.opened(sealed(office, identity)).rows) == 2_202


# What the plan says is read off the list.


def test_a_plan_says_of_the_list_what_the_list_is(ready: Ready) -> None:
    office, row, party, _ = ready
    plan = replace(office.draft("entrustment").plan, scope={"entrustment": row})
    rows = office.terminal.call("entrustments")["entrustments"]
    scope = fill(plan, LIST, rows)[0].scope
    assert (scope["persons"], scope["who"], scope["to"], scope["key"]) == (3, "mail", "Sakura Agency", party.key)
    assert scope["fields"] == ("allergy", "mail", "name")


@pytest.mark.parametrize(
    ("scope", "content", "code"),
    [
        ({"entrustment": "entrustment-0000000000000000"}, LIST, "unknown-entrustment"),
        ({"fields": ("name", "birthday")}, LIST, "no-such-column"),
        ({"columns": {"mail": "e-mail"}, "fields": ("mail",)}, LIST, "no-such-column"),
        ({}, b"name,mail\nx\n", "list-too-few-cells"),
    ],
)
def test_a_plan_that_does_not_fit_its_list_is_told_before_anybody_signs(
    ready: Ready, scope: dict[str, Any], content: bytes, code: str
) -> None:
    office, row, _, _ = ready
    plan = replace(office.draft("entrustment").plan, scope={"entrustment": row, **scope})
    with pytest.raises(WrongList) as why:
        fill(plan, content, office.terminal.call("entrustments")["entrustments"])
    assert why.value.code == code


# What is refused.


def test_one_permit_is_one_hand_over(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of)
    with refused("handed-over-already"):
        give(office, of)
    act(office)
    with refused("handed-over-already"):
        give(office, of)
    assert len(outbox(office)) == 1


def test_another_list_than_the_approved_one_is_refused_whoever_says_it_is_the_same(ready: Ready) -> None:
    """`keep` never sees the list: `act` counts its digest, and what a statement claims does not help."""
    office, _, _, of = ready
    other = csv([*RUNNERS, ("余分", "extra@example.jp", "")])
    with refused("another-file"):
        give(office, of, other)
    office.watch.wind(seconds=1)
    claimed = listed(office)
    give(office, of, other, says=said_in(office, of, "file"))
    assert ends(office) == [("refused", "another-file")]
    assert (outbox(office), len(listed(office))) == ([], len(claimed) + 1)


def test_after_a_refusal_the_right_list_still_goes(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of, csv(RUNNERS[:2]), says=said_in(office, of, "file"))
    act(office)
    give(office, of)
    assert ends(office) == [("given", "")]


def test_a_key_that_changed_after_the_approval_ends_the_permit(ready: Ready) -> None:
    office, row, _, of = ready
    assert tell(office, row, Party.new().key)["permits"] == [of]
    with refused("ended"):
        give(office, of)


def test_a_key_that_changes_while_a_list_waits_stops_it(ready: Ready) -> None:
    office, row, _, of = ready
    give(office, of)
    tell(office, row, Party.new().key)
    assert ends(office) == []
    assert [(h["state"], h["code"]) for h in listed(office)] == [("stopped", "ended")]


def test_a_key_takes_a_paper_and_one_of_two_roles(ready: Ready) -> None:
    office, row, party, _ = ready
    with refused("wrong-role"):
        tell(office, row, Party.new().key, "engineer")
    with refused("not-a-key"):
        tell(office, row, "age1nothing")
    with refused("key-told-already"):
        tell(office, row, party.key)


def test_without_a_key_nothing_is_proposed(founded: Office) -> None:
    row = entrusted(founded)
    with pytest.raises(WrongList) as why:
        permitted(founded, row, fields=MAIL)
    assert why.value.code == "no-party-key"


@pytest.mark.parametrize("what", [What.SUSPENDED, What.ENDED])
def test_a_row_that_is_stopped_stops_what_waits(ready: Ready, what: What) -> None:
    office, row, _, of = ready
    give(office, of)
    move(office, row, what, "desk", "mails went to strangers")
    assert ends(office) == []
    assert ([h["state"] for h in listed(office)], outbox(office)) == (["stopped"], [])


def test_a_row_past_its_last_day_hands_over_nothing(ready: Ready) -> None:
    office, _, _, of = ready
    office.watch.wind(days=200)
    with refused("ended"):
        give(office, of)


def test_a_permit_without_a_list_hands_over_none(ready: Ready) -> None:
    from tests.desk.test_entrust import permit as without_file

    office, row, _, _ = ready
    with refused("not-a-hand-over"):
        give(office, without_file(office, row))


def test_a_re_entrustment_takes_a_row_of_its_own(ready: Ready) -> None:
    """The contractor's permit names the contractor's key; a sub-contractor without a row has neither."""
    office, row, party, _ = ready
    below = entrusted(office, "printing-house", row)
    tell(office, below, Party.new().key)
    content = csv([(n, "") for n, _, _ in RUNNERS], ("name", "memo"))
    identity = give(office, permitted(office, below, content, fields=("name",), rung="pseudonyms", canaries=0), content)
    assert ends(office) == [("given", "")]
    with pytest.raises(Exception, match="No matching keys"):
        party.plain(sealed(office, identity))


def test_who_may_not_give_gives_nothing(ready: Ready) -> None:
    office, _, _, of = ready
    with refused("wrong-role"):
        give(office, of, who="auditor")


def test_a_list_that_waited_longer_than_a_day_can_be_opened_by_nobody(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of)
    office.watch.wind(hours=25)
    assert ends(office) in ([("stopped", "key-refused")], [("refused", "key-refused")])
    assert outbox(office) == []


# Killed on the way.


@pytest.mark.parametrize(
    ("killed", "left"),
    [
        ({"before": "release-list"}, 0),
        ({"before": "begin-hand-over"}, 1),
        ({"after": "begin-hand-over"}, 1),
        ({"before": "hand-over-done"}, 1),
    ],
)
def test_killed_anywhere_it_goes_on_and_hands_over_once(ready: Ready, killed: dict[str, str], left: int) -> None:
    office, _, party, of = ready
    identity = give(office, of)
    with pytest.raises(Killed):
        act(office, **killed)
    assert len(outbox(office)) == left
    office.close()
    office.open()
    assert ends(office) == [("given", "")]
    assert [p.name for p in outbox(office)] == [f"{identity}.csv.age"]
    assert len(party.opened(sealed(office, identity)).rows) == 5
    assert ends(office) == []


def test_killed_after_its_end_was_told_nothing_is_left_to_do(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of)
    with pytest.raises(Killed):
        act(office, after="hand-over-done")
    assert (ends(office), [h["state"] for h in listed(office)]) == ([], ["given"])


def test_what_nobody_can_tell_is_listed_and_not_handed_over_again(ready: Ready) -> None:
    """Killed after it was shown, and somebody took the file before `act` came back."""
    office, _, _, of = ready
    give(office, of)
    with pytest.raises(Killed):
        act(office, before="hand-over-done")
    shutil.rmtree(office.settings.folder / "act" / "outbox")
    assert ends(office) == [("unknown", "")]
    with refused("handed-over-already"):
        give(office, of)


def test_without_keep_nothing_is_shown(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of)
    with pytest.raises(KeepIsGone):
        act(office, silent="begin-hand-over")
    assert [p.suffix for p in outbox(office)] == [".laid"]
    assert ends(office) == [("given", "")]


def test_a_disk_that_refuses_hands_over_nothing(ready: Ready) -> None:
    office, _, _, of = ready
    give(office, of)
    (office.settings.folder / "act" / "outbox").mkdir(parents=True)
    (office.settings.folder / "act" / "outbox" / f"{listed(office)[0]['id']}.laid").mkdir()
    assert ends(office)[0][0] == "refused"


# Afterwards.


def test_who_asks_is_told_every_hand_over_they_were_in(ready: Ready) -> None:
    office, _, _, of = ready
    identity = give(office, of, without=csv([("saeko@example.jp",)], ("who",)))
    act(office)
    assert [(h["id"], h["why"]) for h in where(office, "ＨＡＮＡ@example.jp")] == [(identity, "")]
    assert [(h["id"], h["why"]) for h in where(office, "saeko@example.jp")] == [(identity, "objected")]
    assert where(office, "nobody@example.jp") == []


def test_a_canary_names_the_hand_over_it_leaked_from(ready: Ready) -> None:
    office, _, party, of = ready
    identity = give(office, of)
    act(office)
    leaked = next(m for _, m in party.opened(sealed(office, identity)).rows if "guard" in m)
    assert [(h["id"], h["to"], h["why"]) for h in where(office, leaked)] == [(identity, "Sakura Agency", "canary")]


def test_to_ask_where_somebody_was_is_itself_entered_and_not_everybodys(ready: Ready) -> None:
    office, _, _, of = ready
    size = office.world.log.size
    where(office, "hana@example.jp", "officer")
    (entry,) = [Entry.decode(e) for e in office.world.log.entries(size, office.world.log.size)]
    assert entry.type.value == "asked-where"
    with refused("wrong-role"):
        where(office, "hana@example.jp", "engineer")
    assert of


def test_of_what_never_left_nobody_is_remembered(ready: Ready) -> None:
    office, row, _, of = ready
    give(office, of)
    with pytest.raises(Killed):
        act(office, before="begin-hand-over")
    move(office, row, What.SUSPENDED, "desk", "an incident")
    act(office)
    assert where(office, "hana@example.jp") == []


def test_what_is_owed_back_is_shown_until_its_proof_is_there(ready: Ready) -> None:
    office, row, _, of = ready
    give(office, of)
    act(office)
    move(office, row, What.ENDED, "desk", "the race is over")
    assert state(office, of) == "ended"
    assert [(h["return_due"], h["late"], h["proof"]) for h in listed(office)] == [("2026-12-22", False, "")]
    office.watch.wind(days=31)
    assert listed(office)[0]["late"] is True
    move(office, row, What.RETURNED, "officer", proof=PROOF)
    assert [(h["late"], h["proof"]) for h in listed(office)] == [(False, PROOF)]


def test_a_file_that_nobody_fetched_is_taken_away_when_its_permit_ends(ready: Ready) -> None:
    office, row, _, of = ready
    give(office, of)
    act(office)
    world = office.outside("act")
    assert (take_back(world), len(outbox(office))) == (0, 1)
    move(office, row, What.SUSPENDED, "engineer", "an incident")
    assert (take_back(world), outbox(office)) == (1, [])
    assert take_back(world) == 0
    assert of


def test_a_file_that_is_no_hand_over_of_ours_does_not_lie_there_for_long(ready: Ready) -> None:
    office, _, _, _ = ready
    folder = office.settings.folder / "act" / "outbox"
    folder.mkdir()
    (folder / "handover-0000000000000000.csv.age").write_bytes(b"planted")
    assert take_back(office.outside("act")) == 1


def test_records_that_were_lost_hand_over_nothing_again(ready: Ready) -> None:
    office, _, _, of = ready
    office.close()
    kept = {p: p.read_bytes() for p in (office.home / "state").rglob("*.sqlite*")} or {
        p: p.read_bytes() for p in (office.home / "state").rglob("*.db*")
    }
    office.open()
    identity = give(office, of)
    act(office)
    office.close()
    for path, content in kept.items():
        path.write_bytes(content)
    office.open()
    assert ends(office) == []
    assert [(h["id"], h["state"]) for h in listed(office)] == [(identity, "unknown")]
    with refused("handed-over-already"):
        give(office, of)

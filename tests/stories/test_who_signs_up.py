"""Somebody signs up: asked what the risk allows, checked, let in with a low limit, looked at, checked again; at its term the copy is gone.

Row D2.10: "record of method and result, not copies of papers beyond the term". The node, the process that answers Postfix and the
mails are real.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from sekisho.desk import copies, records
from sekisho.desk.event.copies import Sought, search
from sekisho.desk.mail.counting import open_counts
from sekisho.desk.outside import KeepSaidNo
from sekisho.ledger.entry import Entry, EntryType
from sekisho.store.vault import Vault
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.signing_up import ACCOUNT, LOOKED, ORDINARY, OWED, SigningUp
from tests.node import no
from tests.stories.test_a_wrong_suspension import Customers
from tests.stories.test_mail_policy import DUNNO, Lab, laboratory

PAPER = b"%PDF-1.7\nlicence of Hana Mihon, number 305512345670\n"
NUMBER = "305512345670"
MOST = 20


@dataclass
class Applied:
    """A mail server in front, a permit for the lower limit, and one case that was checked with a copy of a paper."""

    lab: Lab
    desk: SigningUp
    limit: str
    matter: str
    copy: str

    def counted(self) -> int:
        """Messages counted under the lower limit, as they lie on the disk of the process that answers."""
        with closing(open_counts(self.lab.desk.place.settings)._db) as db:
            row = db.execute("SELECT coalesce(sum(messages), 0) FROM sent WHERE permit = ?", (self.limit,)).fetchone()
        return int(row[0])

    def reads(self) -> bytes:
        return bytes.fromhex(self.desk.load.call("attachment", attachment=self.copy)["content"])


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    with laboratory(tmp_path_factory.mktemp("signs-up")) as lab:
        desk = SigningUp(Caseload(cast("Office", Customers(lab.desk.people))))
        (limit,) = lab.desk.people.stand("new-account-limit")
        matter = desk.asked(OWED)
        copy = desk.load.attach(matter, "id-copy", content=PAPER, name="licence.pdf")
        assert desk.passed(matter) == "probation"
        yield Applied(lab, desk, limit, matter, copy)


def test_more_than_the_risk_allows_is_refused_and_the_lawful_check_is_not(applied: Applied) -> None:
    load = applied.desk.load
    greedy = applied.desk.proposed({**ORDINARY, "methods": ("letter-code", "paper-copied"), "copy_days": 365}, "jiro@isp.example")
    load.confirm(greedy, "ask")
    with pytest.raises(KeepSaidNo) as why:
        load.move(greedy, "ask", who="reviewer-a")
    missing = {m["condition"]: m["words"]["en"] for m in why.value.detail["missing"] if m["case"] == "jp/E-01/6"}
    assert "no papers" in missing["no-more-than-the-risk"]
    assert "no-copy-beyond-the-term" in missing
    assert load.move(greedy, "send-back", who="reviewer-a") == "received"
    load.move(greedy, "propose", ORDINARY, who="desk")
    applied.desk.decided(greedy, "ask")
    assert load.case(greedy)["state"] == "asked"


def test_a_real_postfix_refuses_the_21st_mail_of_a_new_account_and_of_nobody_else(applied: Applied) -> None:
    lab = applied.lab
    lab.within("the account is known as new", lambda: bool(lab.asks(ACCOUNT)) and applied.counted() > 0, 20)
    assert set(lab.asks(ACCOUNT, MOST - 1 - applied.counted())) == {DUNNO}
    assert [lab.sends(ACCOUNT) for _ in range(2)] == [250, 450]
    assert applied.counted() == MOST
    lab.within("and says why", lambda: "A new account sends 20 messages in 1440 minutes" in lab.postfix.log.read_text("utf-8"))
    assert set(lab.asks("old@isp.example", 2 * MOST)) == {DUNNO}
    assert lab.sends("old@isp.example") == 250


def test_after_a_look_by_name_the_account_sends_as_others(applied: Applied) -> None:
    lab, load = applied.lab, applied.desk.load
    looked = {"looked_on": load.today(), "looked_at": LOOKED}
    assert no(lambda: load.move(applied.matter, "look", looked, who="desk")) == "same-person"
    assert applied.desk.opened(applied.matter) == "opened"
    took = lab.within("looked at", lambda: lab.sends(ACCOUNT) == 250)
    last = load.case(applied.matter)["made"][-1]
    assert (last["by"]["id"], bool(last["by"]["name"])) == (load.person("officer"), True)
    assert {f["id"]: f["value"] for f in last["facts"]}["looked_at"] == LOOKED
    sys.stdout.write(f"the 21st mail passes {took:.2f} s after the look was signed\n")


def test_a_sign_in_use_brings_a_new_check_and_the_account_goes_on_meanwhile(applied: Applied) -> None:
    assert applied.desk.rechecked(applied.matter) == "opened"
    assert applied.lab.sends(ACCOUNT) == 250


def _sealed(applied: Applied) -> tuple[dict[str, Any], bytes]:
    with applied.lab.desk.inside.engine.begin() as db:
        said = dict(records.body(records.one(db, records.ATTACHMENTS, id=applied.copy) or {}))
    return said, (copies.folder(applied.lab.desk.inside) / applied.copy).read_bytes()


def test_at_its_term_the_copy_is_unreadable_in_every_copy_and_the_result_stays(applied: Applied, tmp_path: Path) -> None:
    """What lies here, and in the backup made before: no plain word of the paper, no key that opens it. The ledger says so."""
    state, load = applied.lab.desk.state, applied.desk.load
    assert applied.reads() == PAPER
    said, sealed = _sealed(applied)
    backup = Path(shutil.copytree(state, tmp_path / "backup", ignore=shutil.ignore_patterns("keys", "*.db-*", "*.sock")))
    applied.lab.desk.time.pass_(days=15)
    applied.lab.within("the key's end", lambda: not (state / "keep" / copies.FILES / applied.copy).exists(), 20)
    assert no(lambda: load.call("attachment", attachment=applied.copy)) == "copy-over"
    sought = Sought((Vault.file_of(said["key"]),), (said["key"],), (), (NUMBER,))
    for place in (state, backup):
        found = search(place, sought)
        assert (found.keys, found.hits) == (0, 0), place
    assert (backup / "keep" / copies.FILES / applied.copy).read_bytes() == sealed
    ended = [Entry.decode(e) for e in applied.lab.desk.inside.log.entries()]
    assert sum(e.type is EntryType.DESTROYED for e in ended) == 1
    told = {f["id"]: f["value"] for f in load.case(applied.matter)["facts"]}
    assert (told["used"], told["result"]) == (["letter-code"], "符号を入力した。")

"""The mail server is answered for as long as a permit says, and hears DUNNO otherwise; names stay where they were said."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import records
from sekisho.desk.flows import forget
from sekisho.desk.mail.answer_mail import AnswerMail
from sekisho.desk.outside import KeepIsGone, Outside
from sekisho.desk.steady import Steady
from sekisho.effects.mail_counts import MailCounts
from sekisho.effects.mail_stage import RCPT
from sekisho.effects.sender_limit import READS, Limit
from sekisho.faces.commands import mail as command
from sekisho.faces.processes.policy import reply
from sekisho.ledger.entry import Entry, EntryType
from sekisho.measures.bulk_sender_limit import BULK, load
from tests.desk.office import Office
from tests.faces.conftest import typed

DUNNO = b"action=DUNNO\n\n"


class Server:
    """An office, and the process that answers its mail server."""

    def __init__(self, office: Office, path: Path, permit: str = "") -> None:
        self.office, self.path, self.permit = office, path, permit
        self.counts = MailCounts(path)
        self.answering = AnswerMail(office.outside("policy"), self.counts, reply)
        self.answering.clock = Steady(self.answering.world.clock, office.watch.ticks)

    def hear(self) -> None:
        self.answering.hear()

    def tell(self) -> None:
        self.answering.tell(self.answering.told())

    def sends(self, account: str = "alice@example.net", **more: str) -> bytes:
        (said,) = self.answering.answer([asked(account, **more)])
        return said

    def figures(self) -> list[dict[str, Any]]:
        with self.office.turn() as world:
            row = records.one(world.db, records.FIGURES, measure="bulk-sender-limit")
            return list(records.body(row)["rows"]) if row else []

    def written(self, permit: str) -> int:
        entries = [Entry.decode(e) for e in self.office.world.log.entries()]
        return sum(e.type is EntryType.EFFECT and e.ids == {"permit": permit} for e in entries)

    def limit(self) -> str:
        """Counts that show bulk, and then the limit."""
        self.office.stand("bulk-sender-count")
        self.hear()
        for _ in range(BULK):
            self.sends("bulk@example.net")
        self.tell()
        permit = self.office.stand("bulk-sender-limit")["limit"]
        self.hear()
        return permit


def asked(account: str, **more: str) -> Mapping[str, str]:
    said = {"request": "smtpd_access_policy", "protocol_state": "END-OF-MESSAGE", "sasl_username": account, "recipient_count": "1"}
    return {**said, "sender": f"{account}", "recipient": "friend@example.org", "client_address": "198.51.100.237", **more}


@pytest.fixture
def server(founded: Office, tmp_path: Path) -> Iterator[Server]:
    """Nothing is permitted yet."""
    made = Server(founded, tmp_path / "counts.db")
    yield made
    made.counts.close()


@pytest.fixture(scope="module")
def _permitted(_founded: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    office = Office(_founded).copied_closed(tmp_path_factory.mktemp("limited") / "home").open()
    before = Server(office, office.home / "before.db")
    permit = before.limit()
    before.counts.close()
    office.close()
    return office.home, permit


@pytest.fixture
def limited(_permitted: tuple[Path, str], tmp_path: Path) -> Iterator[Server]:
    """Counting and the limit are in force, and a process has just begun to answer."""
    home, permit = _permitted
    office = Office(home).copied(tmp_path / "limited")
    made = Server(office, tmp_path / "counts.db", permit)
    made.hear()
    yield made
    made.counts.close()
    office.close()


def test_without_a_permit_everything_is_dunno_and_nothing_is_counted(server: Server) -> None:
    server.hear()
    assert [server.sends() for _ in range(3)] == [DUNNO] * 3
    server.tell()
    assert server.figures() == []
    assert server.counts._sent == {}


def test_counting_limits_nobody_and_gives_totals_without_names(server: Server) -> None:
    permit = server.office.stand("bulk-sender-count")["count"]
    server.hear()
    assert {server.sends("bulk@example.net") for _ in range(BULK + 5)} == {DUNNO}
    server.sends("bob@example.net")
    server.tell()
    (hour,) = server.figures()
    assert {k: hour[k] for k in ("accounts", "messages", "most", "bulk", "refused")} == {
        "accounts": 2, "messages": BULK + 6, "most": BULK + 5, "bulk": 1, "refused": 0,
    }  # fmt: skip
    server.tell()
    assert len(server.figures()) == 1, "an hour is one row"
    assert server.written(permit) == 1


def test_an_hour_of_counting_and_limiting_is_one_row_and_neither_writes_over_the_other(limited: Server) -> None:
    for _ in range(505):
        limited.sends("alice@example.net")
    limited.tell()
    rows = limited.figures()
    assert (rows[-1]["messages"], rows[-1]["refused"], len(rows[-1]["of"])) == (505, 5, 2)
    assert sorted((one["messages"], one["refused"]) for one in rows[-1]["of"].values()) == [(500, 5), (505, 0)]
    before = rows[-1]
    limited.tell()
    assert limited.figures()[-1] == before
    assert load(rows) is not None, "the evidence is read off the same row"


def test_no_name_is_on_the_disk_of_either_process(limited: Server) -> None:
    limited.sends("carol.watanabe@example.net")
    limited.tell()
    limited.counts._db.execute("pragma wal_checkpoint(truncate)")
    seen = limited.path.read_bytes() + b"".join(p.read_bytes() for p in limited.office.settings.folder.rglob("*") if p.is_file())
    for word in (b"carol", b"watanabe", b"bulk@example", b"198.51.100.237", b"friend@"):
        assert word not in seen


def test_nothing_but_account_and_number_of_recipients_is_looked_at(limited: Server) -> None:
    """A question that holds only these is answered the same; content is never among what a mail server sends."""
    assert set(READS) == {"sasl_username", "recipient_count"}
    bare = {k: v for k, v in asked("a@example.net").items() if k in READS or k == "protocol_state"}
    assert limited.answering.answer([bare]) == [DUNNO]


def test_the_limit_needs_its_measured_load(server: Server) -> None:
    plan = server.office.propose("bulk-sender-limit")
    server.office.supply(plan, "bulk-sender-limit")
    server.office.confirm(plan)
    assert server.office.approve(plan, "reviewer-a") + server.office.approve(plan, "reviewer-b") == []
    assert load([]) is None
    assert (load([{"most": BULK - 1}]) or {})["impaired"] is False
    assert (load([{"most": BULK}, {"most": 1}]) or {})["impaired"] is True


def test_what_is_over_the_limit_is_put_off_with_words_and_a_code_that_makes_it_wait(limited: Server) -> None:
    assert {limited.sends() for _ in range(500)} == {DUNNO}
    said = limited.sends()
    assert said.startswith(b"action=450 4.7.1 ")
    assert b"500 messages, 1000 recipients in 60 minutes" in said
    assert limited.sends("bob@example.net") == DUNNO
    assert limited.sends("ALICE@example.net") == said, "one account, however it is spelled"


def test_mail_of_nobody_signed_in_and_other_moments_of_a_conversation_are_not_ours(limited: Server) -> None:
    for _ in range(501):
        limited.sends()
    assert limited.sends("") == DUNNO
    assert limited.sends(protocol_state="RCPT") == DUNNO


class AtRecipient(Limit):
    """A stage that has another moment."""

    moment = RCPT


def test_each_stage_is_asked_at_its_moment_alone_and_counts_for_itself(limited: Server) -> None:
    (limit,) = (s for s in limited.answering.stages if isinstance(s.stage, Limit) and s.stage.messages)
    early = AtRecipient("permit-early", "limit", limit.stage.until, 2, 0, 3600, "defer")
    limited.answering.stages += (replace(limit, stage=early),)
    assert {limited.sends() for _ in range(3)} == {DUNNO}
    at_recipient = [limited.sends(protocol_state="RCPT") for _ in range(3)]
    assert at_recipient[:2] == [DUNNO] * 2
    assert b"2 messages in 60 minutes. Try later." in at_recipient[2]
    assert limited.answering.by_permit["permit-early"] == {"asked": 3, "refused": 1}
    assert limited.answering.by_permit[limited.permit]["asked"] == 3
    assert limited.sends() == DUNNO


def test_where_two_stages_are_against_it_the_first_speaks_and_both_have_seen_it(limited: Server) -> None:
    (limit,) = (s for s in limited.answering.stages if isinstance(s.stage, Limit) and s.stage.messages)
    strict = replace(limit.stage, permit="permit-strict", messages=1, recipients=0)
    looser = replace(limit.stage, permit="permit-looser", messages=1, recipients=7)
    limited.answering.stages = (replace(limit, stage=strict), replace(limit, stage=looser))
    assert limited.sends() == DUNNO
    assert b"1 messages in 60" in limited.sends()
    assert [limited.answering.by_permit[p]["refused"] for p in ("permit-strict", "permit-looser")] == [1, 1]


@pytest.mark.parametrize("many", ["x", "", "-1", "9" * 30, "²"])
def test_a_number_of_recipients_that_is_none_is_one(limited: Server, many: str) -> None:
    assert limited.sends(recipient_count=many) == DUNNO


def test_withdrawn_it_is_dunno_with_the_next_word_of_keep(limited: Server) -> None:
    permit = limited.permit
    answers = [limited.sends() for _ in range(501)]
    assert answers[-1] != DUNNO
    limited.office.withdraw(permit)
    limited.hear()
    assert limited.sends() == DUNNO
    limited.tell()
    assert limited.written(permit) == 0, "it was never told in between: nothing began"
    rows = limited.counts._db.execute("select distinct permit from sent").fetchall()
    assert (permit,) not in rows, "its counts are gone with it"


def test_begin_and_end_are_written_once(limited: Server) -> None:
    permit = limited.permit
    for _ in range(3):
        limited.tell()
    assert limited.written(permit) == 1
    limited.office.withdraw(permit)
    limited.hear()
    limited.tell()
    assert limited.written(permit) == 2


def test_at_its_end_it_is_gone_without_anybody_saying_so(limited: Server) -> None:
    answers = [limited.sends() for _ in range(501)]
    assert answers[-1] != DUNNO
    limited.office.watch.wind(days=8)
    assert limited.sends() == DUNNO


def test_silence_of_keep_ends_it_with_its_last_word(limited: Server) -> None:
    for _ in range(501):
        limited.sends()

    class Gone:
        def call(self, method: str, **_params: object) -> Any:
            raise KeepIsGone(method)

    limited.answering.world = replace(limited.answering.world, keep=Gone())
    limited.hear()
    assert limited.sends() != DUNNO, "what it vouched for still runs"
    limited.office.watch.wind(seconds=6)
    assert limited.sends() == DUNNO
    limited.tell()
    assert limited.answering.counters["keep-is-gone"] == 2


def test_a_keep_that_says_no_ends_it_at_once(limited: Server) -> None:
    limited.answering.world = limited.office.outside("collect")
    limited.hear()
    assert limited.answering.stages == ()


def test_a_forged_permit_limits_nobody(limited: Server) -> None:
    world = limited.answering.world

    class Forger:
        def call(self, method: str, **params: object) -> Any:
            answer = world.keep.call(method, **params)
            if method == "policy-leases" and answer["let"]:
                for one in answer["let"]:
                    one["permit"]["body"] = bytes.fromhex(one["permit"]["body"]).replace(b'"messages":500', b'"messages":1').hex()
            return answer

    again = AnswerMail(Outside(world.settings, Forger(), world.public, world.clock), limited.counts, reply)
    again.hear()
    assert again.counters["permit-forged"] == 1
    assert [s.stage.step for s in again.stages] == ["count"]


def test_a_new_process_goes_on_where_the_killed_one_was(limited: Server) -> None:
    for _ in range(500):
        limited.sends()
    again = Server(limited.office, limited.path)
    again.hear()
    assert again.sends() != DUNNO
    again.counts.close()


@pytest.mark.parametrize(("declared", "said"), [("pass", DUNNO), ("defer", b"action=451 4.3.5 ")])
def test_a_disk_that_refuses_is_answered_as_declared_and_told(limited: Server, declared: str, said: bytes) -> None:
    permit = limited.permit
    limited.tell()
    stages = limited.answering.stages
    limited.answering.stages = tuple(replace(s, stage=replace(s.stage, when_down=declared)) for s in stages if isinstance(s.stage, Limit))
    limited.counts._db.execute("pragma busy_timeout = 0")
    with sqlite3.connect(limited.path, isolation_level=None) as other:
        other.execute("begin immediate")
        assert limited.sends().startswith(said)
        assert limited.answering.answer([asked("")]) == [DUNNO], "mail of others is not touched"
        limited.tell()
        other.execute("rollback")
    assert limited.office.world.policy is not None
    assert limited.office.world.policy.told.down == "disk-refuses"
    assert limited.written(permit) == 2, "begun, and failed"
    assert limited.sends() == DUNNO
    limited.tell()
    assert limited.office.world.policy.told.down == ""


def test_figures_of_a_probe_do_not_hinder_what_has_to_be_forgotten(server: Server) -> None:
    server.office.channel("act").call("port-tried", port="587", works=True, authenticated=True)
    with server.office.turn() as world:
        forget.carry_out(world, forget.Forget())


def test_whether_the_mail_server_is_answered_is_seen_at_the_terminal(
    limited: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Silent before it told, well after, down when the disk refuses, silent again when it is heard no more; 1 where something is wrong."""
    settings = limited.office.home / "sekisho.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[policy]\nlisten = "127.0.0.1:10031"\n', "utf-8")
    limited.office.reopen()
    limited.answering.world = limited.office.outside("policy")
    monkeypatch.setattr(command, "outside", lambda _config: nullcontext(limited.office.outside("terminal")))
    silent = typed(tmp_path, "--lang", "en", "mail")
    assert (silent.code, "policy does not answer" in silent.out, "not heard by policy yet" in silent.out) == (1, True, True)
    for _ in range(501):
        limited.sends()
    limited.tell()
    well = typed(tmp_path, "--lang", "en", "mail")
    assert (well.code, "The mail server is answered" in well.out, "messages put off: 1" in well.out) == (0, True, True)
    assert json.loads(typed(tmp_path, "mail", "--json").out)["hours"][-1]["refused"] == 1
    assert "後回しにした通数: 1" in typed(tmp_path, "mail", lang="ja").out
    limited.answering.down = "disk-refuses"
    limited.tell()
    down = typed(tmp_path, "--lang", "en", "mail")
    assert (down.code, "Counts cannot be written" in down.out) == (1, True)
    limited.office.watch.wind(seconds=16)
    assert typed(tmp_path, "mail").code == 1
    lines = typed(tmp_path, "mail", "--postfix")
    assert (lines.code, lines.out) == (0, command.snippet("127.0.0.1:10031", closed=False))
    assert "default_action=DUNNO" in lines.out
    assert "451 4.3.5" in command.snippet("127.0.0.1:10031", closed=True)
    assert "smtpd_recipient_restrictions" not in lines.out
    early = command.snippet("127.0.0.1:10031", closed=False, recipients=True)
    assert (early.count("check_policy_service"), early.count("451 4.3.5"), early.count("=DUNNO")) == (2, 1, 1)

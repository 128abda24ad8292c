"""A whole node with every stage of the mail server in force at once, for the benches beside it: `keep`, its processes, and real permits.

It stands as people would make it stand: what counts is permitted first, traffic is counted until it shows what each limit needs, the
limits are permitted by that; recipients agree by signed answers, and one account is new because its case says so.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

from sekisho.desk.signed_words import Answered
from sekisho.faces.processes.supervise import Supervisor
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.faces.unsafe.demo import free_port, wait_for
from sekisho.law.consent import Notice, Way
from sekisho.law.words import Act, Element, Role
from sekisho.measures import bulk_sender_limit, ip25b
from tests.desk.caseload import Caseload
from tests.desk.office import Office
from tests.desk.signing_up import SigningUp
from tests.node import People
from tests.resolver import recursing
from tests.stories.test_a_wrong_suspension import Customers

E = Element
ACCOUNTS = 1000
NEW, BULK, STOLEN = "hana@isp.example", "bulk@isp.example", "stolen@isp.example"
"""On probation; over its limit; used from eight networks at once."""
YOUNG = tuple(f"new{n}@isp.example" for n in range(12))
"""Opened on one day, and sending alike."""
ODD = (NEW, *YOUNG, STOLEN, BULK)
NETWORKS = 8
NIGHT = "198.18.250.9"
SENDERS, RECIPIENTS = 4000, 100
"""Of mails from outside: each sender has a network of its own."""
CONSENTED: Mapping[str, range] = {"greylisting": range(50), "rbl": range(25, 75)}
"""Which recipients agreed to what."""
COUNT = ("bulk-sender-count", "alike-count", "hijack-count", "ip25b-count")
LIMIT = ("bulk-sender-limit", "alike-hold", "hijack-hold", "ip25b", "new-account-limit", "greylisting", "rbl")
LABEL = ("mail-authentication", "mail-authentication-signed")
EVERY = (*COUNT, *LIMIT, *LABEL)
CONSENTS: Mapping[str, tuple[frozenset[Element], frozenset[Act]]] = {
    "greylisting": (frozenset({E.PARTY, E.COUNTERPART, E.DATETIME}), frozenset({Act.LEARN, Act.USE})),
    "rbl": (frozenset({E.PARTY}), frozenset({Act.USE})),
}
DYNAMIC, LISTED = "100.64.0.0/16", "172.16.0.0/12"
"""Another provider's dynamic range; on the block list."""
BY = "mx.isp.example"
SLOW = 300.0
"""Seconds that a step of the set-up may take on a busy machine."""
Asks = Callable[[Sequence[Mapping[str, str]]], list[str]]
"""Questions on one connection, one behind the other; what each was answered."""


@dataclass(frozen=True)
class Ports:
    """Where the node is asked: by the policy service's protocol, and as a milter; and the resolver that it asks."""

    policy: int
    milter: int
    resolver: int


def accounts(number: int) -> tuple[str, str]:
    """Of all accounts one, and where it sends from: each from one place, and some that are held."""
    number %= ACCOUNTS
    at = f"198.18.{number // 250}.{number % 250 + 1}"
    return (ODD[number], NIGHT) if number < len(ODD) else (f"user{number:04}@isp.example", at)


def sources(number: int) -> str:
    """Where a mail from outside comes from: one of twenty from a dynamic range, one from a listed source, the others from anywhere.

    No network but dynamic ones sends in bulk within an hour, and none of those so much that a limit for all alike would do: IP25B would
    have no ground."""
    special, sender = number // 20 % SENDERS, number % SENDERS
    if number % 20 == 0:
        return f"100.64.{special % 200}.{number % 250}"
    return f"172.{16 + special // 256}.{special % 256}.9" if number % 20 == 1 else f"10.{sender // 256}.{sender % 256}.9"


def sent(account: str, client: str) -> dict[str, str]:
    """The end of a message of an account."""
    words = {"protocol_state": "END-OF-MESSAGE", "sasl_username": account, "client_address": client, "recipient_count": "1"}
    return {"request": "smtpd_access_policy", **words}


def came(client: str, recipient: str, sender: str = "alice@far.example") -> dict[str, str]:
    """A mail from outside, at its recipient."""
    words = {"protocol_state": "RCPT", "client_address": client, "sender": sender, "recipient": recipient, "helo_name": "out.far.example"}
    return {"request": "smtpd_access_policy", **words}


@contextmanager
def every_stage(folder: Path, records: Sequence[str], asks: Callable[[int], Asks]) -> Iterator[Ports]:
    """All of it in force, and tried: each stage has refused what it is there to refuse. `records`: what the resolver knows besides."""
    folder.mkdir()
    at, ports = folder / "lists", Ports(free_port(), free_port(), free_port())
    at.mkdir()
    (at / "sources.txt").write_text(f"{LISTED}\n", "ascii")
    (at / "dynamic.txt").write_text(f"{DYNAMIC}\n", "ascii")
    _register(folder / "register")
    place = unsafe_demo.Demo(folder / "node", free_port(), more=lambda: f"""
[policy]
listen = "127.0.0.1:{ports.policy}"
milter = "127.0.0.1:{ports.milter}"
label_by = "{BY}"
resolver = "127.0.0.1:{ports.resolver}"
block_list = "{at}/sources.txt"
dynamic_ranges = "{at}/dynamic.txt"
accounts = "{folder}/register/accounts.csv"
""")  # fmt: skip
    root = place.prepare(free_port())
    with recursing(folder / "dns", ports.resolver, ['far.example. TXT "v=spf1 ip4:10.0.0.0/8 -all"', *records]):
        supervisor = Supervisor.start(place.settings_path, root)
        try:
            people = People(place, place.outside())
            people.enrol()
            _stand(people, asks(ports.policy))
            yield ports
            assert _heard(people) == len(EVERY), "not every stage stood until the end"
        finally:
            supervisor.close()


def _register(folder: Path) -> None:
    """Settled customers, each opened on a day of their own; the young ones all on one."""
    folder.mkdir()
    today = datetime.now(UTC).date()
    old = {f"user{n:04}@isp.example": 800 + n for n in range(ACCOUNTS)} | {BULK: 700, STOLEN: 701}
    days = old | dict.fromkeys(YOUNG, 3) | {NEW: 2}
    lines = (f"{who},{today - timedelta(days=n)},basic" for who, n in days.items())
    (folder / "accounts.csv").write_text("\n".join(["account,opened,plan", *lines]), "utf-8")


def _stand(people: People, asks: Asks) -> None:
    """What counts; the traffic it counts; what that permits; and each stage once."""
    wait_for("the policy service", lambda: _answers(asks), SLOW)
    for plan in COUNT:
        permitted(people, plan)
    wait_for("what counts to be heard", lambda: _heard(people) == len(COUNT), SLOW)
    _traffic(asks)
    wait_for("what was counted to be known", lambda: _known(people), SLOW)
    for purpose, numbers in CONSENTED.items():
        for number in numbers:
            _agree(people, purpose, f"friend{number}@mail.example")
    for plan in (*LIMIT, *LABEL):
        permitted(people, plan)
    desk = SigningUp(Caseload(cast("Office", Customers(people))))
    desk.probation(account=NEW)
    wait_for("every stage to be heard", lambda: _heard(people) == len(EVERY), SLOW)
    _traffic(asks)
    tries = count()
    wait_for("every stage to refuse", lambda: not refuses(asks, next(tries)), SLOW)


def permitted(people: People, plan: str) -> None:
    """Fails where the case book does not carry it: its facts are known by now."""
    tell(f"permitted: {plan}")
    if not people.stand(plan):
        raise RuntimeError(f"{plan} was not permitted")


def tell(what: str) -> None:
    """Where the set-up is."""
    print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _answers(asks: Asks) -> bool:
    try:
        return asks([sent("nobody@isp.example", NIGHT)]) == ["DUNNO"]
    except OSError:
        return False


def _stages(people: People) -> list[dict[str, Any]]:
    return list(people.world.keep.call("mail-stages")["stages"])


def _heard(people: People) -> int:
    return sum(bool(stage.get("answered")) for stage in _stages(people))


def _traffic(asks: Asks) -> None:
    """What a day may bring: one who sends in bulk, a new one, a group that acts alike, a stolen password, dynamic lines; and all others."""
    asks([sent(BULK, NIGHT)] * (bulk_sender_limit.BULK + 1))
    asks([sent(NEW, NIGHT)] * 21)
    asks([sent(who, NIGHT) for who in YOUNG for _ in range(50)])
    asks([sent(STOLEN, f"198.18.{n + 100}.9") for n in range(NETWORKS)])
    asks([sent(*accounts(n)) for n in range(len(ODD), ACCOUNTS) for _ in range(5)])
    asks([came("100.64.250.9", "other@mail.example")] * ip25b.BULK * 2)


def _known(people: People) -> bool:
    """Whether `keep` heard of it: counts come every few seconds, and only then is anything to be permitted by them."""
    told = people.world.keep.call("mail-stages")
    found = [h["found"] for stage in told["stages"] for h in stage.get("hours", ())[-1:]]
    bulk = any(h["most"] >= bulk_sender_limit.BULK for h in told["hours"][-1:])
    alike = any(h["groups"] == 1 and h["settled"] >= ACCOUNTS // 2 for h in told["alike"][-1:])
    signs = any(h["signs"] == 1 and h["settled"] >= ACCOUNTS // 2 for h in told["signs"][-1:])
    return bulk and alike and signs and any(f.get("dynamic_bulk", 0) >= ip25b.BULK for f in found)


def _agree(people: People, purpose: str, recipient: str) -> None:
    """One recipient's signed answer, taken down by the desk."""
    shown, key = f"{purpose}?", people.keys["desk"]
    elements, acts = CONSENTS[purpose]
    notice = Notice(f"{purpose}-consent", "1", hashlib.sha256(shown.encode()).hexdigest(), "en")
    words = Answered(
        recipient, Role.PARTICIPANT, frozenset({"recipient"}), acts, elements, purpose, frozenset({"operator"}), notice, Way.OWN_SCREEN,
        365, True, True, True, True, key.person, people.world.clock(),
    )  # fmt: skip
    people.world.keep.call("record-consent", answer=words, shown=shown, signature=key.sign(words))


def refuses(asks: Asks, number: int) -> list[str]:
    """Stages that do not refuse what they are there to refuse; each is recognised by its own words."""
    tries = {
        "Sending limit": sent(BULK, NIGHT),
        "like others opened with it": sent(YOUNG[0], NIGHT),
        "Somebody else may be using": sent(STOLEN, NIGHT),
        "A new account sends": sent(NEW, NIGHT),
        "straight from dynamic": came(f"100.64.{number % 200}.9", "other@mail.example"),
        "block list": came(f"172.16.{number % 250}.9", "friend60@mail.example"),
        "First mail of this sender": came(f"10.200.{number % 250}.9", "friend2@mail.example", f"bob{number}@far.example"),
    }
    late = [words for (words, _), answer in zip(tries.items(), asks([*tries.values()]), strict=True) if words not in answer]
    tell(f"not yet: {', '.join(late)}" if late else "")
    return late

"""Somebody between `keep` and those who act on its word: permits forged, widened, expired, withdrawn, out of the ledger."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.desk.flows import carry_out
from sekisho.desk.flows.identify import Identify
from sekisho.desk.flows.identify import carry_out as identify
from sekisho.desk.flows.intake import Intake
from sekisho.desk.flows.look import Opened
from sekisho.desk.flows.order import Waiting
from sekisho.desk.flows.standing import StandingPermit
from sekisho.desk.outside import Outside
from sekisho.effects.texts import load
from sekisho.gate.check import NoPermit, sign_lease
from sekisho.gate.permit import PERMIT_CONTEXT, Lease, SignedPermit
from sekisho.law.canonical import canonical, plain
from sekisho.law.reading import read
from tests.node import Desk

FORGER = Ed25519PrivateKey.generate()


def words(signed: SignedPermit) -> dict[str, Any]:
    return dict(json.loads(signed.body))


def rewritten(signed: SignedPermit, change: Callable[[dict[str, Any]], object]) -> SignedPermit:
    said = words(signed)
    change(said)
    return replace(signed, body=canonical(said))


def resigned(signed: SignedPermit, change: Callable[[dict[str, Any]], object]) -> SignedPermit:
    wide = rewritten(signed, change)
    return replace(wide, signature=FORGER.sign(PERMIT_CONTEXT + wide.body))


def flipped(raw: bytes) -> bytes:
    return bytes([raw[0] ^ 1]) + raw[1:]


FORGED: dict[str, tuple[Callable[[SignedPermit], SignedPermit], str]] = {
    "a bit of the signature": (lambda s: replace(s, signature=flipped(s.signature)), "forged"),
    "no signature": (lambda s: replace(s, signature=b""), "forged"),
    "a later end": (lambda s: rewritten(s, lambda p: p.update(until="2099-01-01T00:00:00Z")), "forged"),
    "a wider scope": (lambda s: rewritten(s, lambda p: p["scope"].update(days=9999)), "forged"),
    "another's signature": (lambda s: resigned(s, lambda _: None), "forged"),
    "widened and signed by another": (lambda s: resigned(s, lambda p: p.update(until="2099-01-01T00:00:00Z")), "forged"),
    "no proof": (lambda s: replace(s, proof=""), "no-proof"),
    "a proof of something else": (lambda s: replace(s, proof=s.proof.swapcase()), "not-in-ledger"),
}


@dataclass(frozen=True)
class Placed:
    """An order that waits in `act`, and `act`'s own world."""

    act: Outside
    waiting: Waiting

    def may(self, waiting: Waiting | None = None, lease: Lease | None = None) -> str:
        """`act`'s numbered check: "yes", or the code it stops with."""
        asked = waiting or self.waiting
        lease = lease or read(Lease, self.act.keep.call("renew", permit=words(self.waiting.permit)["id"]))
        try:
            carry_out.may(self.act, asked, load(self.act.settings.texts), lease)
        except NoPermit as no:
            return no.code
        return "yes"


@pytest.fixture
def placed(permitted: Desk) -> Placed:
    permitted.due()
    from tests.redteam.test_bad_look import looking

    world, opened = looking(permitted)
    identify(world, Identify(opened))
    act = permitted.outside("act")
    (waiting,) = [read(Waiting, w) for w in act.keep.call("orders")]
    return Placed(act, waiting)


def test_act_takes_the_real_permit(placed: Placed) -> None:
    assert placed.may() == "yes"


@pytest.mark.parametrize("how", FORGED)
def test_act_takes_no_forged_permit(placed: Placed, how: str) -> None:
    forge, code = FORGED[how]
    signed = forge(placed.waiting.permit)
    assert signed != placed.waiting.permit
    assert placed.may(replace(placed.waiting, permit=signed)) == code


def test_act_sends_no_text_that_was_changed_by_one_byte_since_it_was_adopted(placed: Placed, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    shutil.copytree(placed.act.settings.texts, texts)
    (file,) = (texts / "ja").glob("infected-notice@1.md")
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    act = replace(placed.act, settings=replace(placed.act.settings, texts=texts))
    assert Placed(act, placed.waiting).may() == "outside-scope"


def test_act_takes_no_expired_permit(placed: Placed, permitted: Desk) -> None:
    lease = read(Lease, placed.act.keep.call("renew", permit=words(placed.waiting.permit)["id"]))
    permitted.time.pass_(days=15)
    assert placed.may(lease=lease) == "over"


def test_act_takes_no_withdrawn_permit_even_with_the_last_lease_it_was_given(placed: Placed, permitted: Desk) -> None:
    identity = words(placed.waiting.permit)["id"]
    lease = read(Lease, placed.act.keep.call("renew", permit=identity))
    permitted.people.withdraw(identity)
    from tests.node import no

    assert no(lambda: placed.act.keep.call("renew", permit=identity)) == "withdrawn"
    assert no(lambda: placed.act.keep.call("begin", order=placed.waiting.id, letter="0" * 64)) in ("withdrawn", "no-such-order")
    permitted.time.pass_(seconds=6)
    assert placed.may(lease=lease) == "lease-over"


def test_act_takes_no_lease_but_keeps_own_for_this_permit(placed: Placed, permitted: Desk) -> None:
    identity, now = words(placed.waiting.permit)["id"], permitted.time.wall()
    real = read(Lease, placed.act.keep.call("renew", permit=identity))
    (other,) = [p["id"] for p in permitted.people.permits("match")]
    assert placed.may(lease=sign_lease(identity, now + timedelta(seconds=5), FORGER)) == "lease-forged"
    assert placed.may(lease=replace(real, until=real.until + timedelta(seconds=30))) == "lease-forged"
    assert placed.may(lease=read(Lease, placed.act.keep.call("renew", permit=other))) == "lease-of-another"


def test_another_days_permit_is_not_one_of_today(placed: Placed, permitted: Desk) -> None:
    permitted.time.pass_(days=-2)
    lease = Lease("x", permitted.time.wall(), b"")
    assert placed.may(lease=lease) == "not-yet"


class Between:
    """Somebody on the collector's channel, who changes what `keep` says of standing permits."""

    def __init__(self, world: Outside, change: Callable[[StandingPermit], StandingPermit]) -> None:
        self.keep, self.change = world.keep, change

    def call(self, method: str, **params: object) -> Any:
        said = self.keep.call(method, **params)
        if method != "standing":
            return said
        return [plain(self.change(read(StandingPermit, s))) for s in said]


def collecting(desk: Desk, change: Callable[[StandingPermit], StandingPermit]) -> Intake:
    world = desk.outside("collect")
    intake = Intake(replace(world, keep=Between(world, change)), None)
    intake.renew()
    return intake


def test_a_collector_keeps_what_the_real_permits_name(permitted: Desk) -> None:
    intake = collecting(permitted, lambda s: s)
    assert intake.wants("flows")
    intake.close()


@pytest.mark.parametrize("how", FORGED)
def test_a_collector_keeps_nothing_under_a_forged_permit(permitted: Desk, how: str) -> None:
    forge, _ = FORGED[how]
    intake = collecting(permitted, lambda s: replace(s, permit=forge(s.permit)))
    assert not intake.kept
    assert not intake.wants("flows")
    assert sum(count for name, count in intake.counters.items() if name.startswith("permit-")) == 3


def test_a_collector_keeps_no_column_that_somebody_added_to_its_permit(permitted: Desk) -> None:
    def wider(said: dict[str, Any]) -> None:
        for stream in said["scope"]["streams"].values():
            stream["columns"] = [*stream["columns"], "octets"]

    for forge in (rewritten, resigned):
        assert not collecting(permitted, lambda s, f=forge: replace(s, permit=f(s.permit, wider))).kept


def test_a_collector_stops_when_its_permit_is_withdrawn_or_its_lease_is_stale(permitted: Desk) -> None:
    intake = permitted.intake(accounting=False)
    assert intake.wants("flows")
    permitted.people.withdraw(permitted.people.permits("match")[0]["id"])
    intake.renew()
    assert not intake.wants("flows")
    intake.close()
    stale = collecting(permitted, lambda s: replace(s, lease=replace(s.lease, until=s.lease.until - timedelta(seconds=60))))
    assert not stale.kept


def test_a_look_opens_nothing_with_a_permit_its_child_rewrote(permitted: Desk) -> None:
    """The child holds the words of its permit, and may write others: `keep` goes by its own."""
    from sekisho.desk.outside import KeepSaidNo
    from tests.redteam.test_bad_look import looking

    world, opened = looking(permitted)

    def wide(said: dict[str, Any]) -> None:
        said["scope"]["views"]["hits"]["columns"] = ["line", "peer", "peer_port", "start", "end"]
        said["step"]["elements"] = sorted(["party", "counterpart", "datetime", "header"])

    forged = replace(opened, permit=rewritten(opened.permit, wide))
    import sekisho.desk.flows.identify as module

    columns = module.CONTACT_COLUMNS
    module.CONTACT_COLUMNS = ("line", "start", "end", "peer")  # type: ignore[assignment] # the child is not ours any more
    try:
        with pytest.raises(KeepSaidNo) as no:
            identify(world, Identify(forged))
    finally:
        module.CONTACT_COLUMNS = columns
    assert no.value.code == "class-not-permitted"
    assert isinstance(opened, Opened)

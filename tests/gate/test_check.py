"""The seven steps before every look and every effect, each broken once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sekisho.gate.check import NoPermit, check, read, sign_lease, verify_lease, within
from sekisho.gate.permit import PERMIT_CONTEXT, Permit, SignedPermit
from sekisho.law.canonical import canonical, plain
from sekisho.law.words import Act, Duty, Element, Kind, Step

KEEP = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
STEP = Step("match", Kind.MATCH, frozenset({Act.USE}), frozenset({Element.COUNTERPART}), "infected-notice")
PERMIT = Permit(
    id="permit-1",
    plan="plan",
    measure="infected-notice",
    step=STEP,
    scope={"tokens": ("a", "b"), "list": "digest", "streams": {"hits": {"days": 14}}},
    cases=("jp/B-13/1",),
    book="b" * 64,
    since=NOW,
    until=NOW + timedelta(days=1),
    duties=(Duty("delete-non-hits", timedelta(0), {"ja": "消去", "en": "delete"}),),
    signed_by=("one", "two"),
    one_person=False,
    out_of_scope=False,
)


def signed(permit: Permit = PERMIT, key: Ed25519PrivateKey = KEEP) -> SignedPermit:
    body = canonical(permit)
    return SignedPermit(body, key.sign(PERMIT_CONTEXT + body), "a proof")


def proved(_: SignedPermit) -> None:
    return


def refused(permit: SignedPermit, **changes: object) -> NoPermit:
    good: dict[str, object] = {
        "now": NOW,
        "step": "match",
        "scope": {"tokens": ("a",)},
        "lease": sign_lease("permit-1", NOW + timedelta(seconds=5), KEEP),
        "prove": proved,
        "purpose": "infected-notice",
    }
    good |= changes
    now = good.pop("now")
    with pytest.raises(NoPermit) as why:
        check(permit, KEEP.public_key(), now, **good)  # type: ignore[arg-type] # the parametrised call
    return why.value


def test_a_good_permit_passes_all_seven_steps() -> None:
    """And gives back the very words that were signed."""
    lease = sign_lease("permit-1", NOW + timedelta(seconds=5), KEEP)
    scopes = ({"tokens": ("a",), "list": "digest"}, {"streams": {"hits": {"days": 14}}}, lambda p: p.scope["list"] == "digest")
    for scope in scopes:
        assert check(signed(), KEEP.public_key(), NOW, step="match", scope=scope, lease=lease, prove=proved) == PERMIT


def test_step_1_another_key_or_another_use_of_the_same_key() -> None:
    """Forged, or signed by `keep` as something else than a permit."""
    assert refused(signed(key=OTHER)).step == 1
    body = canonical(PERMIT)
    assert refused(SignedPermit(body, KEEP.sign(body), "a proof")).step == 1


@given(st.integers(0, 4000), st.integers(1, 255))
def test_step_1_one_changed_byte_anywhere_is_noticed(at: int, flip: int) -> None:
    """In the body or in the signature."""
    good = signed()
    whole = bytearray(good.body + good.signature)
    whole[at % len(whole)] ^= flip
    cut = len(good.body)
    assert refused(SignedPermit(bytes(whole[:cut]), bytes(whole[cut:]), good.proof)).step == 1


@pytest.mark.parametrize("change", ["more", "less", "spaces", "doubled", "not-json"])
def test_step_2_what_was_signed_must_be_a_permit_in_its_one_spelling(change: str) -> None:
    """Even `keep`'s own signature does not make another form a permit."""
    words = plain(PERMIT)
    body = {
        "more": canonical({**words, "more": 1}),
        "less": canonical({k: v for k, v in words.items() if k != "until"}),
        "spaces": json.dumps(words).encode(),
        "doubled": canonical(PERMIT)[:-1] + b',"until":"2099-01-01T00:00:00.000000Z"}',
        "not-json": b"\xff",
    }[change]
    assert refused(SignedPermit(body, KEEP.sign(PERMIT_CONTEXT + body), "a proof")).step == 2


@pytest.mark.parametrize("now", [NOW - timedelta(microseconds=1), NOW + timedelta(days=1)])
def test_step_3_not_before_and_not_at_its_end(now: datetime) -> None:
    """The end is the first moment it no longer holds."""
    assert refused(signed(), now=now).step == 3


@pytest.mark.parametrize("change", [{"step": "identify"}, {"purpose": "another"}])
def test_step_4_another_step_or_purpose(change: dict[str, object]) -> None:
    """A permit for matching names nobody."""
    assert refused(signed(), **change).step == 4


@pytest.mark.parametrize(
    "scope",
    [
        {"tokens": ("a", "c")},
        {"tokens": ()},
        {"list": "another"},
        {"unheard-of": 1},
        {"streams": {"hits": {"days": 15}}},
        {"streams": {"flows": {}}},
        {},
        lambda _: False,
        lambda _: 1,
    ],
)
def test_step_5_what_is_about_to_be_done_lies_outside(scope: object) -> None:
    """Wider, other, unnamed or unsaid: no."""
    assert refused(signed(), scope=scope).step == 5


def test_step_6_no_lease_an_old_one_a_long_one_anothers_or_a_forged_one() -> None:
    """Without `keep`'s fresh word nothing is done."""
    soon = NOW + timedelta(seconds=5)
    for lease in (
        None,
        sign_lease("permit-1", NOW, KEEP),
        sign_lease("permit-1", NOW + timedelta(hours=1), KEEP),
        sign_lease("permit-2", soon, KEEP),
        sign_lease("permit-1", soon, OTHER),
        replace(sign_lease("permit-1", NOW, KEEP), until=soon),
    ):
        assert refused(signed(), lease=lease).step == 6
    verify_lease(sign_lease("permit-1", soon, KEEP), KEEP.public_key(), NOW)


def test_step_7_not_in_the_ledger() -> None:
    """No proof, or one that does not hold."""

    def fails(_: SignedPermit) -> None:
        raise ValueError("another root")

    assert refused(replace(signed(), proof="")).step == 7
    assert refused(signed(), prove=fails).step == 7


def test_a_permit_reads_back_as_it_was_written() -> None:
    """Canonical JSON and back, every field."""
    assert read(signed()) == PERMIT


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=6,
)


@given(VALUES, VALUES, VALUES)
def test_inside_is_a_relation_that_only_narrows(a: object, b: object, c: object) -> None:
    """What is inside something inside is inside; True is not 1; and nothing widens on the way."""
    if within(a, b) and within(b, c) and not isinstance(b, tuple):  # type: ignore[arg-type] # values by construction
        assert within(a, c)  # type: ignore[arg-type] # values by construction
    assert not within(1, True)
    assert not within(("a",), ("a", "b"))


def test_what_was_seen_before_is_checked_for_all_that_may_change() -> None:
    """Bytes once verified are not verified twice; time, scope, lease and the key asked for are looked at each time."""
    lease = sign_lease("permit-1", NOW + timedelta(seconds=5), KEEP)
    permit = signed()
    for _ in range(2):
        assert check(permit, KEEP.public_key(), NOW, step="match", scope={"tokens": ("a",)}, lease=lease, prove=proved) == PERMIT
    assert refused(permit, now=PERMIT.until).code == "over"
    assert refused(permit, now=NOW + timedelta(seconds=6), lease=lease).code == "lease-over"
    assert refused(permit, scope={"tokens": ("c",)}).step == 5
    with pytest.raises(NoPermit) as why:
        check(permit, OTHER.public_key(), NOW, step="match", scope={"tokens": ("a",)}, lease=lease, prove=proved)
    assert why.value.step == 1
    with pytest.raises(NoPermit) as forged:
        verify_lease(lease, OTHER.public_key(), NOW)
    assert forged.value.code == "lease-forged"


def test_a_refusal_is_not_remembered_as_a_permit() -> None:
    bad = SignedPermit(signed().body, bytes(64), "a proof")
    assert [refused(bad).step for _ in range(3)] == [1, 1, 1]


def test_step_6_a_lease_of_a_minute_is_good_and_not_a_moment_longer() -> None:
    minute = NOW + timedelta(seconds=60)
    verify_lease(sign_lease("permit-1", minute, KEEP), KEEP.public_key(), NOW)
    assert refused(signed(), lease=sign_lease("permit-1", minute + timedelta(microseconds=1), KEEP)).code == "lease-over"


def test_step_2_a_permit_is_at_most_a_mebibyte_long() -> None:
    """Longer bytes are not even read."""
    room = (1 << 20) - len(canonical(replace(PERMIT, scope={"text": ""})))
    assert len(read(signed(replace(PERMIT, scope={"text": "a" * room}))).scope["text"]) == room  # type: ignore[arg-type] # it is text
    no = refused(signed(replace(PERMIT, scope={"text": "a" * (room + 1)})))
    assert (no.step, no.code, no.detail) == (2, "form", "longer than 1048576 bytes")


def test_one_word_is_inside_a_list_that_has_it_whole() -> None:
    """Not letter by letter."""
    assert within(("ab",), "ab")
    assert not within(("a", "b"), "ab")

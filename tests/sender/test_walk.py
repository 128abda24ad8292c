"""Whose words count: a trusted peer names the sender in its one header; everything else is claimed, kept and never used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho_sender.connection import Connection, made
from sekisho_sender.proxy_protocol import Proxied
from sekisho_sender.record import Address, Hop, Sender, address
from sekisho_sender.trust import CLAIMS, HEADERS, Peer, Reading, Trust, WrongTrust
from sekisho_sender.walk import resolve

PROXY = "10.0.0.5"
BEFORE = "10.0.0.6"
SOURCE, HERE = address("203.0.113.9", 51234), address("192.0.2.33", 443)
FROM_PROXY = Connection(address(PROXY, 40123), local=address("10.0.0.9", 8000), sure=True)
FROM_UNIX = Connection(None, unix=True)
DIRECT = Connection(SOURCE, local=HERE)
SAYS = {
    Reading.FORWARDED: {"forwarded": ['for="203.0.113.9:51234";by="192.0.2.33:443";proto=https']},
    Reading.XFF_PORT: {"x-forwarded-for": ["203.0.113.9:51234"]},
    Reading.XFF: {"x-forwarded-for": ["203.0.113.9"]},
    Reading.VIEWER_ADDRESS: {"cloudfront-viewer-address": ["203.0.113.9:51234"]},
    Reading.PAIR: {"x-sekisho-src": ["203.0.113.9:51234"], "x-sekisho-dst": ["192.0.2.33:443"]},
}


def one(reading: Reading, **also: object) -> Trust:
    return Trust((Peer(PROXY, reading, **also),))  # type: ignore[arg-type] # fields by name


def asked(trust: Trust, connection: Connection = FROM_PROXY, **headers: str | list[str]) -> Sender:
    told = {name.replace("_", "-"): [value] if isinstance(value, str) else value for name, value in headers.items()}
    return resolve(connection, told, trust, 7)


def ends(sender: Sender) -> tuple[str, str]:
    return str(sender.source), str(sender.destination)


@pytest.mark.parametrize(
    ("reading", "source", "destination", "why"),
    [
        (Reading.FORWARDED, SOURCE, HERE, ""),
        (Reading.PAIR, SOURCE, HERE, ""),
        (Reading.XFF_PORT, SOURCE, None, "destination:not-said"),
        (Reading.VIEWER_ADDRESS, SOURCE, None, "destination:not-said"),
        (Reading.XFF, address("203.0.113.9"), None, "source-port:not-said,destination:not-said"),
    ],
)
def test_each_reading_gives_what_its_header_holds_and_the_reason_for_the_rest(
    reading: Reading, source: Address, destination: Address | None, why: str
) -> None:
    for where, connection in ((PROXY, FROM_PROXY), ("10.0.0.0/29", FROM_PROXY), ("unix", FROM_UNIX)):
        sender = resolve(connection, SAYS[reading], Trust((Peer(where, reading),)), 7)
        assert (sender.source, sender.destination, sender.why_empty, sender.tampered, sender.reading) == (
            source,
            destination,
            why,
            False,
            reading,
        )
        assert sender.hop == ("unix" if where == "unix" else PROXY)
        assert sender.seen_us == 7
        assert all(hop.trusted for hop in sender.chain)


@pytest.mark.parametrize("reading", [*SAYS, Reading.PROXY_PROTOCOL])
def test_a_trusted_peer_that_says_nothing_makes_nobody_the_sender(reading: Reading) -> None:
    """Least of all itself."""
    sender = asked(one(reading))
    assert (sender.source, sender.tampered) == (None, False)
    assert "source:proxy-said-nothing" in sender.why_empty


@given(st.sampled_from(CLAIMS), st.sampled_from(["6.6.6.6", "6.6.6.6:1", 'for="6.6.6.6:1";by="6.6.6.6:1"', "[2001:db8::6]:6", ""]))
def test_whatever_an_untrusted_peer_claims_is_kept_and_not_used(header: str, value: str) -> None:
    sender = resolve(DIRECT, {header: [value, value]}, Trust((Peer(PROXY, Reading.FORWARDED), Peer("unix", Reading.PAIR))), 7)
    assert (sender.source, sender.destination, sender.hop, sender.reading, sender.why_empty) == (SOURCE, HERE, "", "socket", "")
    assert sender.chain == (Hop("203.0.113.9", header, value, trusted=False),) * 2


@given(st.sampled_from(list(SAYS)), st.sampled_from(CLAIMS), st.sampled_from(["6.6.6.6", "6.6.6.6:1", "for=6.6.6.6", '"', "", "x" * 5000]))
def test_a_header_that_the_peer_does_not_overwrite_never_changes_what_it_says(reading: Reading, header: str, value: str) -> None:
    if header in HEADERS[reading]:
        return
    trust = one(reading)
    honest = resolve(FROM_PROXY, SAYS[reading], trust, 7)
    claimed = resolve(FROM_PROXY, {header: [value], **SAYS[reading]}, trust, 7)
    assert (claimed.source, claimed.destination, claimed.why_empty) == (honest.source, honest.destination, honest.why_empty)
    assert claimed.chain == (*honest.chain, Hop(PROXY, header, value[:1024], trusted=False))


@pytest.mark.parametrize(
    ("reading", "headers"),
    [
        (Reading.FORWARDED, {"forwarded": ['for="203.0.113.9:51234";by="192.0.2.33:443";host="x";for="6.6.6.6:1"']}),
        (Reading.FORWARDED, {"forwarded": ['for="203.0.113.9:51234";host="x", for="6.6.6.6:1"']}),
        (Reading.FORWARDED, {"forwarded": ["for=6.6.6.6", "for=203.0.113.9"]}),
        (Reading.FORWARDED, {"forwarded": ["for=203.0.113.9:51234"]}),
        (Reading.FORWARDED, {"forwarded": ["6.6.6.6"]}),
        (Reading.XFF_PORT, {"x-forwarded-for": ["6.6.6.6, 203.0.113.9:51234"]}),
        (Reading.XFF_PORT, {"x-forwarded-for": ["6.6.6.6:1", "203.0.113.9:51234"]}),
        (Reading.XFF_PORT, {"x-forwarded-for": ["2001:db8::9:5123"]}),
        (Reading.XFF, {"x-forwarded-for": ["evil"]}),
        (Reading.PAIR, {"x-sekisho-src": ["6.6.6.6:1", "203.0.113.9:51234"], "x-sekisho-dst": ["192.0.2.33:443"]}),
        (Reading.PAIR, {"x-sekisho-src": ["203.0.113.9:51234"], "x-sekisho-dst": ["6.6.6.6:1,192.0.2.33:443"]}),
        (Reading.VIEWER_ADDRESS, {"cloudfront-viewer-address": ["203.0.113.9:51234, 6.6.6.6:1"]}),
    ],
)
def test_a_header_that_is_not_as_its_peer_writes_it_is_tampered_with_and_names_nobody(
    reading: Reading, headers: dict[str, list[str]]
) -> None:
    sender = resolve(FROM_PROXY, headers, one(reading), 7)
    assert (sender.source, sender.destination, sender.tampered, sender.reading, sender.hop) == (None, None, True, "", "")
    assert {(hop.header, hop.raw, hop.trusted) for hop in sender.chain} == {(h, v, False) for h, values in headers.items() for v in values}


def test_two_hops_are_walked_each_in_its_own_header() -> None:
    """CDN, then nginx: nginx names the CDN's edge, and only then the edge's header counts. Destination: of the hop that met the sender."""
    trust = Trust((Peer("unix", Reading.FORWARDED), Peer(BEFORE, Reading.PAIR)))
    through = {"forwarded": [f'for="{BEFORE}:40000";by="10.0.0.1:443"'], **SAYS[Reading.PAIR]}
    sender = resolve(FROM_UNIX, through, trust, 7)
    assert (sender.source, sender.destination, sender.hop, sender.reading) == (SOURCE, HERE, BEFORE, Reading.PAIR)
    assert [hop.peer for hop in sender.chain] == ["unix", BEFORE, BEFORE]
    past = resolve(FROM_UNIX, {**through, "forwarded": ['for="198.51.100.7:5";by="10.0.0.1:443"']}, trust, 7)
    assert ends(past) == ("198.51.100.7:5", "10.0.0.1:443")
    assert [hop.trusted for hop in past.chain] == [True, False, False]


def test_a_hop_that_appends_is_walked_from_right_to_left_up_to_the_first_stranger() -> None:
    trust = Trust((Peer(PROXY, Reading.XFF_PORT, appends=True), Peer(BEFORE, Reading.XFF_PORT, appends=True)))
    sender = asked(trust, x_forwarded_for=f"6.6.6.6:1, 203.0.113.9:51234, {BEFORE}:4000")
    assert (sender.source, sender.hop) == (SOURCE, BEFORE)
    assert [(hop.raw, hop.trusted) for hop in sender.chain] == [(f"{BEFORE}:4000", True), ("203.0.113.9:51234", True), ("6.6.6.6:1", False)]
    lines = asked(trust, x_forwarded_for=["6.6.6.6:1", "203.0.113.9:51234", f"{BEFORE}:4000"])
    assert lines.source == SOURCE


def test_behind_a_hop_that_appends_no_parameter_of_a_stranger_may_stand_in_forwarded() -> None:
    """`host="$http_host"` with `Host: x", for="6.6.6.6:1` makes a last element that nobody wrote."""
    trust = one(Reading.FORWARDED, appends=True)
    assert asked(trust, forwarded='for=6.6.6.6, for="203.0.113.9:51234"').source == SOURCE
    forged = asked(trust, forwarded='for="203.0.113.9:51234";host="x", for="6.6.6.6:1"')
    assert (forged.source, forged.tampered, forged.why_empty) == (None, True, "source:unsafe-parameter,destination:unsafe-parameter")


def test_an_address_and_a_port_are_never_put_together_from_two_hops() -> None:
    for reading in (Reading.XFF_PORT, Reading.FORWARDED):
        text = "203.0.113.9" if reading is Reading.XFF_PORT else 'for="203.0.113.9"'
        header = HEADERS[reading][0].replace("-", "_")
        sender = asked(one(reading), x_forwarded_port="51234", x_real_port="51234", **{header: text})
        assert sender.source == address("203.0.113.9")
        assert "source-port:not-said" in sender.why_empty


def test_the_destination_is_never_our_own_end_once_somebody_stood_between() -> None:
    sender = asked(one(Reading.FORWARDED), forwarded='for="203.0.113.9:51234"')
    assert (sender.source, sender.destination, sender.why_empty) == (SOURCE, None, "destination:not-said")


@pytest.mark.parametrize(
    ("declared", "found"),
    [((HERE,), HERE), ((HERE, address("2001:db8::33", 443)), HERE), ((HERE, address("192.0.2.34", 443)), None), ((address("::1"),), None)],
)
def test_the_declared_destination_is_used_when_there_is_only_one_it_can_be(declared: tuple[Address, ...], found: Address | None) -> None:
    trust = Trust((Peer(PROXY, Reading.XFF_PORT),), declared=declared)
    sender = resolve(FROM_PROXY, SAYS[Reading.XFF_PORT], trust, 7)
    assert sender.destination == found
    assert (Hop("", "declared", str(found), trusted=True) in sender.chain) == (found is not None)
    bound = resolve(Connection(SOURCE, no_local="bind-address"), {}, trust, 7)
    assert bound.destination == found
    assert bound.why_empty == ("" if found else "destination:bind-address")


def test_a_declared_destination_without_a_port_says_so() -> None:
    trust = Trust((Peer(PROXY, Reading.XFF_PORT),), declared=(address("192.0.2.33"),))
    assert resolve(FROM_PROXY, SAYS[Reading.XFF_PORT], trust, 7).why_empty == "destination-port:not-declared"


@pytest.mark.parametrize("ip", ["0.0.0.0", "::", "::ffff:0.0.0.0"])
def test_an_address_that_is_none_is_not_kept_as_one(ip: str) -> None:
    sender = asked(one(Reading.PAIR), x_sekisho_src=f"{ip}:5", x_sekisho_dst=f"{ip}:5")
    assert (sender.source, sender.destination, sender.why_empty) == (None, None, "source:bind-address,destination:bind-address")


def test_two_proxies_that_both_overwrite_leave_the_sender_unknown() -> None:
    """The inner one wrote over what the outer one said: naming the outer one would be naming ourselves."""
    trust = Trust((Peer("10.0.0.0/29", Reading.FORWARDED),))
    sender = asked(trust, forwarded=f'for="{BEFORE}:4000";by="10.0.0.9:80"')
    assert (sender.source, sender.tampered) == (None, False)
    assert "source:proxy-said-nothing" in sender.why_empty


def test_what_the_proxy_protocol_says_counts_from_its_peer_only() -> None:
    told = Proxied(SOURCE, HERE, local=False, version=2, length=28)
    connection = Connection(address(PROXY, 40123), sure=True, proxied=told)
    sender = resolve(connection, {"forwarded": ["for=6.6.6.6"]}, one(Reading.PROXY_PROTOCOL), 7)
    assert (sender.source, sender.destination, sender.hop, sender.reading) == (SOURCE, HERE, PROXY, Reading.PROXY_PROTOCOL)
    for trust in (Trust(), one(Reading.FORWARDED)):
        assert resolve(connection, {}, trust, 7).why_empty == "source:untrusted-proxy-header,destination:untrusted-proxy-header"
    local = Connection(address(PROXY, 40123), sure=True, proxied=Proxied(None, None, local=True, version=2, length=16))
    assert resolve(local, {}, one(Reading.PROXY_PROTOCOL), 7).why_empty == "source:proxy-local,destination:proxy-local"


def test_behind_the_proxy_protocol_the_walk_goes_on_in_headers() -> None:
    told = Proxied(address(BEFORE, 4000), address("10.0.0.1", 443), local=False, version=2, length=28)
    connection = Connection(address(PROXY, 40123), sure=True, proxied=told)
    trust = Trust((Peer(PROXY, Reading.PROXY_PROTOCOL), Peer(BEFORE, Reading.VIEWER_ADDRESS)))
    sender = resolve(connection, SAYS[Reading.VIEWER_ADDRESS], trust, 7)
    assert (sender.source, sender.destination, sender.hop) == (SOURCE, None, BEFORE)


@pytest.mark.parametrize("said", ["6.6.6.6", "6.6.6.6:80", "[::ffff:6.6.6.6]:80", "for=6.6.6.6", "1.1.1.1, 6.6.6.6", '"6.6.6.6"'])
def test_a_peer_that_a_stranger_has_written_into_a_header_is_not_believed(said: str) -> None:
    """A server that reads X-Forwarded-For by itself gives that address as its peer; where the socket cannot be asked, it is nobody."""
    sender = asked(one(Reading.FORWARDED), made(("6.6.6.6", 80), ("192.0.2.33", 443), None), x_forwarded_for=said)
    assert (sender.source, sender.why_empty) == (None, "source:server-rewrote,destination:server-rewrote")
    other = asked(one(Reading.FORWARDED), made(("6.6.6.60", 80), ("192.0.2.33", 443), None), x_forwarded_for=said)
    assert other.source == address("6.6.6.60", 80)
    sure = asked(
        one(Reading.FORWARDED), made(("6.6.6.6", 80), ("192.0.2.33", 443), (("6.6.6.6", 80), ("192.0.2.33", 443))), x_forwarded_for=said
    )
    assert sure.source == address("6.6.6.6", 80)


def test_another_spelling_of_an_ipv6_address_does_not_hide_the_rewriting() -> None:
    server = made(("2001:DB8:0:0::6", 80), ("2001:db8::33", 443), None)
    assert asked(Trust(), server, x_forwarded_for="[2001:DB8:0:0::6]:80").why_empty.startswith("source:server-rewrote")


@pytest.mark.parametrize(
    "where", ["0.0.0.0/0", "::/0", "127.0.0.0/8", "10.0.0.0/16", "2001:db8::/64", "*", "", "localhost", "10.0.0.1/8", "::ffff:10.0.0.5"]
)
def test_a_trust_that_is_too_wide_or_unclear_is_refused(where: str) -> None:
    with pytest.raises(WrongTrust):
        Peer(where, Reading.FORWARDED)


def test_a_wide_network_is_trusted_only_by_saying_what_that_means_and_everybody_never() -> None:
    wide = Trust((Peer("10.0.0.0/16", Reading.FORWARDED, everyone_inside_is_a_proxy=True),))
    assert resolve(FROM_PROXY, SAYS[Reading.FORWARDED], wide, 7).source == SOURCE
    with pytest.raises(WrongTrust, match="everybody"):
        Peer("0.0.0.0/0", Reading.FORWARDED, everyone_inside_is_a_proxy=True)


def test_a_peer_has_one_header() -> None:
    for pair in ((PROXY, "10.0.0.0/24"), ("unix", "unix"), ("2001:db8::/120", "2001:db8::7")):
        with pytest.raises(WrongTrust, match="overlap"):
            Trust(tuple(Peer(where, Reading.FORWARDED) for where in pair))
    for wrong in ({"header": "x y"}, {"destination_header": "x-dst"}, {"request_id": "é"}):
        with pytest.raises(WrongTrust):
            one(Reading.FORWARDED, **wrong)
    with pytest.raises(WrongTrust):
        one(Reading.PAIR, appends=True)


def test_a_peer_may_have_another_name_for_its_header() -> None:
    trust = one(Reading.PAIR, header="X-Edge-Src", destination_header="X-Edge-Dst")
    assert {b"x-edge-src", b"x-edge-dst", b"x-sekisho-src"} <= set(trust.names)
    sender = asked(trust, x_edge_src="203.0.113.9:51234", x_edge_dst="192.0.2.33:443", x_sekisho_src="6.6.6.6:1")
    assert ends(sender) == ("203.0.113.9:51234", "192.0.2.33:443")

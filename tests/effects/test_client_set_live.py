"""The set of clients on a real kernel, before a real dnsdist and unbound: who is not in it is not told of, whatever address they take."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import dns.message
import pytest

from lab.network import sh
from sekisho.desk.portal import leading, told_resolver
from sekisho.desk.portal.hold_clients import HoldClients
from sekisho.desk.settings import Event, Operator, Portal, Settings
from sekisho.effects.client_set import HEART, TABLE
from sekisho.effects.kernel import Kernel
from tests.conftest import need
from tests.desk.test_client_set_held import permit
from tests.desk.test_portal import NAMES
from tests.resolver import Tap, asked, in_wire, resolving
from tests.stories.test_event_portal import GATE4, GATE6, LABS, Venue, wired

A, B = "02:00:00:00:00:10", "02:00:00:00:00:11"
A4, A6, B4, B6 = "198.51.100.10", "2001:db8:100::10", "198.51.100.11", "2001:db8:100::11"


@dataclass
class Network:
    """Two devices at a gateway; `agree`: the first one does."""

    venue: Venue
    settings: Settings
    clients: HoldClients
    tap: Tap
    numbers: Iterator[int] = field(default_factory=count)

    def hold(self, neighbours: dict[str, str]) -> None:
        def turn() -> None:
            now = datetime.now(UTC)
            self.clients.turn([permit(days=999)], lambda hardware, _: hardware == A, neighbours, now)

        self.venue.inside("g", turn)

    def ask(self, device: str, name: str, source: str, *, port: int = 53, over_tcp: bool = False, wait: float = 5) -> bool:
        to = GATE6 if ":" in source else GATE4
        return bool(self.venue.inside(device, lambda: asked(to, name, source, port=port, over_tcp=over_tcp, wait=wait)))

    def nowhere(self, *names: str) -> bool:
        """In no byte that dnsdist told: it has told by then of a question asked after those."""
        self.hold({A4: A})
        last = f"last{next(self.numbers)}.test"
        assert self.ask("a", last, A4)
        assert self.tap.heard(last)
        return not [n for n in names if n in self.tap.names or in_wire(n) in self.tap.raw]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live resolver")
    need("ip", "nft", "dnsdist", "unbound")
    folder, tag = tmp_path_factory.mktemp("clients"), f"cl{os.getpid()}-{next(LABS)}"
    settings = Settings(folder, Operator("x", "y"), folder, folder, event=Event(dnstap=folder / "tap"), portal=Portal(listen="[::]:1"))
    with ExitStack() as open_:
        for which in ("g", "a", "b", "o"):
            open_.callback(subprocess.run, ["ip", "netns", "del", f"{tag}-{which}"], check=False, capture_output=True)
        wired(tag)
        venue = Venue(tag, folder, None, open_)  # type: ignore[arg-type] # no desk: the kernel and the resolver alone
        open_.callback(lambda: [p.shutdown() for p in venue.pools.values()])
        lines = told_resolver.carry_out(settings)["text"]
        tap = open_.enter_context(resolving(f"{tag}-g", folder / "resolver", lines, folder / "tap"))
        clients = venue.inside("g", lambda: HoldClients(Kernel(TABLE), "wifi0", leading.ports(settings)))
        found = Network(venue, settings, clients, tap)
        venue.within("the resolver", lambda: found.ask("b", "up.test", B4, wait=0.3), 10)
        yield found


def test_who_is_in_the_set_is_told_of_over_udp_and_tcp_and_both_families(network: Network) -> None:
    network.hold({A4: A, A6: A, B4: B, B6: B})
    for number, (source, over_tcp) in enumerate([(A4, False), (A4, True), (A6, False), (A6, True)]):
        assert network.ask("a", f"yes{number}.test", source, over_tcp=over_tcp)
    assert all(network.tap.heard(f"yes{number}.test") for number in range(4))


def asks_without_having_agreed(network: Network) -> None:
    network.hold({A4: A, B4: B, B6: B})
    for number, (source, over_tcp) in enumerate([(B4, False), (B4, True), (B6, False), (B6, True)]):
        assert network.ask("b", f"no{number}.test", source, over_tcp=over_tcp), "it is answered like everybody"


def asks_from_a_new_address(network: Network) -> None:
    """It agreed, and the neighbour table has not shown that address with it yet."""
    network.hold({A4: A})
    assert network.ask("a", "new6.test", A6)


def borrows_an_address_that_agreed(network: Network) -> None:
    """The gateway has not even heard of the change: the hardware address of each packet counts."""
    network.hold({A4: A, A6: A})
    sh("ip", "-n", network.venue.name("b"), "addr", "add", f"{A4}/24", "dev", "wan")
    try:
        assert not network.ask("b", "borrowed.test", A4, wait=0.3), "its answer goes to whom the address belongs"
        network.ask("b", "borrowed-tcp.test", A4, over_tcp=True, wait=0.3)
    finally:
        sh("ip", "-n", network.venue.name("b"), "addr", "del", f"{A4}/24", "dev", "wan")


def asks_at_the_port_of_those_who_agreed(network: Network) -> None:
    network.hold({A4: A, B4: B})
    port = leading.ports(network.settings)[NAMES]
    assert not network.ask("b", "direct.test", B4, port=port, wait=0.3)
    assert not network.ask("b", "direct-tcp.test", B4, port=port, over_tcp=True, wait=0.3)


def test_who_is_not_in_it_is_told_of_in_no_way_they_can_ask(network: Network) -> None:
    asks_without_having_agreed(network)
    asks_from_a_new_address(network)
    borrows_an_address_that_agreed(network)
    asks_at_the_port_of_those_who_agreed(network)
    assert network.nowhere(
        *(f"no{n}.test" for n in range(4)), "new6.test", "borrowed.test", "borrowed-tcp.test", "direct.test", "direct-tcp.test"
    )


def test_a_conversation_that_began_while_it_agreed_ends_with_its_agreement(network: Network) -> None:
    """The same two ports, which the kernel would lead on by itself: what comes after is refused, and asked again it is answered untold."""

    def talk() -> tuple[bool, bool]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind((A4, 0))
            one.connect((GATE4, 53))
            one.settimeout(2)
            answers = []
            for name in ("before.test", "after.test"):
                one.send(dns.message.make_query(name, "A").to_wire())
                try:
                    answers.append(bool(one.recv(4096)))
                except OSError:
                    answers.append(False)
                network.venue.inside("g", lambda: network.clients.turn([], lambda *_: False, {}, datetime.now(UTC)))
            return answers[0], answers[1]

    network.hold({A4: A})
    assert network.venue.inside("a", talk) == (True, False)
    assert network.ask("a", "again.test", A4)
    assert network.tap.heard("before.test")
    assert network.nowhere("after.test", "again.test")


def test_what_stands_in_the_kernel_is_counted_and_ends_by_itself(network: Network) -> None:
    network.hold({A4: A, A6: A})
    now = datetime.now(UTC)
    (read,) = network.venue.inside("g", lambda: network.clients.turn([permit(days=999)], lambda h, _: h == A, {A4: A, A6: A}, now))
    assert (read.wanted, read.there) == ({"clients": 2}, {"clients": 2})
    assert read.packets >= 1
    later = network.venue.inside("g", network.clients.kernel.read)
    assert all(m.left is not None and m.left <= HEART for s in later.sets.values() for m in s.members.values())

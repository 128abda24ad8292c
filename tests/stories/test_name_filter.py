"""A filter of names with a switch, on real questions: dnsdist before unbound in a router's namespace, lines behind it, and `hold`.

Row D2.3: "switching off takes effect in seconds on the wire".

Listed names lead to a page that says why, for lines that have not switched the filter off; for nobody else, and only while the permit
lives. dnsdist is set up with the very lines of the docs.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import httpx
import pytest

from house.source import ROOT
from lab.network import ROUTER4, UPLINK, network, sh
from sekisho.desk.access import switches
from sekisho.effects.name_filter import MEASURE, read_names, told_digest
from sekisho.faces.unsafe import demo as unsafe_demo
from sekisho.wire.name_list import read_name_list
from tests.conftest import need
from tests.faces.web.conftest import TOKEN
from tests.node import EXAMPLES
from tests.resolver import ANSWER, resolving
from tests.stories.test_op25b import Lab, console

LINE, OTHER, ROUTER6 = "198.51.100.20", "198.51.100.21", UPLINK[2]
LINE6, SAME6, OTHER6 = "2001:db8:100:1::20", "2001:db8:100:1::99", "2001:db8:100:2::20"
"""Of the first line two terminals in its prefix, and one of the second line."""
PAGE6 = "2001:db8:100::1"
MANY = 10_000
LISTED, BELOW, FREE = "phishing.test", "www.phishing.test", "bank.test"
LAST = 20
"""Seconds before its end at which a permit's last day is looked at."""
LIST = "[malware]\nupdates.malware.test\n\n[phishing]\nphishing.test\n"
DOCS = ROOT / "docs" / "measures" / "name-filter.md"


class Named(Lab):
    """What the resolver answers a line, and a plan of the example with another list and start."""

    names: Path
    folder: Path

    def answered(self, name: str, line: int = 1, kind: str = "A", source: str = "") -> list[str]:
        """The addresses in the answer to a real question from that line, over the family of its address."""
        source = source or {1: LINE, 2: OTHER}[line]
        to = ROUTER6 if ":" in source else ROUTER4

        def ask() -> list[str]:
            try:
                answer = dns.query.udp(dns.message.make_query(name, kind), to, timeout=3, source=source)
            except (dns.exception.Timeout, OSError):
                return []
            return [item.to_text() for one in answer.answer for item in one]

        return list(self.inside(self.net.line(line), ask))

    def led(self, name: str = LISTED, line: int = 1) -> bool:
        return self.answered(name, line) == [ROUTER4]

    def free(self, name: str = LISTED, line: int = 1) -> bool:
        return self.answered(name, line) == [ANSWER]

    def led6(self, line: int, *sources: str) -> list[bool]:
        """Whether a question over IPv6, from each of these addresses of that line, is answered with the page."""
        found = [self.answered(LISTED, line, source=source) for source in sources]
        assert all(one in ([ROUTER4], [ANSWER]) for one in found)
        return [one == [ROUTER4] for one in found]

    def laid_before(self, starts: timedelta, **changed: str) -> str:
        listed = read_name_list(self.names.read_bytes())
        text = (EXAMPLES / "plans" / "name-filter.toml").read_text("utf-8").replace("../papers", str(EXAMPLES / "papers"))
        said = (datetime.now(UTC) + starts).isoformat(timespec="seconds")
        for category, names in listed.counts().items():
            text = re.sub(rf"(categories\.{category}\]\ntitle.*\nnames = )[0-9]+", rf"\g<1>{names}", text)
        text = re.sub(r'starts = "[^"]*"', f'starts = "{said}"', text)
        text = re.sub(r'list = "[0-9a-f]*"', f'list = "{listed.digest}"', text)
        scope = tomllib.loads(text)["scope"]
        one = read_names("", datetime.max.replace(tzinfo=UTC), {**scope, "ranges": tuple(scope["ranges"])})
        text = text.replace("lasts_days = 365", f"lasts_days = {changed.get('lasts', '365')}")
        text = re.sub(r'told = "[^"]*"', f'told = "{changed.get("told") or told_digest(one)}"', text)
        path = self.net.folder / f"plan-{starts.days}-{len(changed)}.toml"
        path.write_text(text, "utf-8")
        people = self.desk.people
        return unsafe_demo.lay_before(people.world, people.keys, people.place.book, path)

    def approved(self, plan: str) -> None:
        assert self.desk.people.approve("reviewer-a", plan) == []
        (self.permit,) = self.desk.people.approve("reviewer-b", plan)

    def lacks(self, plan: str) -> set[str]:
        (said,) = self.desk.world.keep.call("plan", plan=plan)["decisions"]
        return {m["condition"] for m in said["missing"]}

    def press6(self, to: str) -> str:
        """The same from a browser whose connection is over IPv6."""

        def pressed() -> str:
            with httpx.Client(base_url=f"http://[{ROUTER6}]:8470", headers={"accept-language": "en"}, trust_env=False) as client:
                token = TOKEN.search(client.get("/filters").text)
                assert token
                return client.post("/filters", data={"csrf": token[1], "filter": self.permit, "to": to}).text

        return str(self.inside(self.net.line(1), pressed))

    def repeated(self) -> None:
        """What `hold` says when it tried and compared again."""
        listed, hold = read_name_list(self.names.read_bytes()), self.desk.channel("hold")
        hold.call("names-tried", works=True, list=listed.digest, names=dict(listed.counts()))
        hold.call("tariffs-compared", measure=MEASURE, same_price=True, same_service=True, on="a" * 64, off="b" * 64)

    def stands(self) -> str:
        return str(self.effects()["resolver"]["state"])


def lines_of_the_docs(folder: Path) -> str:
    """What an operator copies into dnsdist, with the folder and the page's address of this lab."""
    (lua,) = re.findall(r"```lua\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    return str(lua).replace("/var/lib/sekisho-names", str(folder))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Named]:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run the tests as root to have the live lab")
    need("ip", "nft", "unbound", "dnsdist")
    folder = tmp_path_factory.mktemp("names")
    databases, listed = folder / "resolver", folder / "list" / "names.txt"
    for made in (databases, listed.parent):
        made.mkdir()
    listed.write_text(LIST, "ascii")
    with network(2, folder) as net:
        net.give_address(LINE, 1)
        net.give_address(OTHER, 2)
        for number, prefix, address in ((1, "2001:db8:100:1::/64", LINE6), (2, "2001:db8:100:2::/64", OTHER6)):
            net.give_prefix(prefix, address, number)
        sh("ip", "-n", net.line(1), "addr", "add", f"{SAME6}/128", "dev", "wan", "nodad")
        texts = f'tariffs = "{EXAMPLES / "tariffs"}"\n'
        with Named.over(net, f'resolver = "{databases}"\nnames = "{listed}"\n{texts}') as lab:
            lab.names, lab.folder = listed, databases
            lua = lines_of_the_docs(databases)
            page = f"http://{ROUTER4}:8470/filters?name"
            with resolving(net.router, folder / "dns", lua, folder / "tap"), console(lab, page), console(lab, at=ROUTER6):
                yield lab


def test_until_the_software_saw_the_switch_work_at_the_resolver_there_is_no_permit(lab: Named) -> None:
    """And it has to have the list loaded that customers were told of."""
    plan = lab.laid_before(timedelta(days=30))
    assert lab.lacks(plan) == {"switch", "limited", "parity-live"}
    lab.start()
    lab.within("switch tried", lambda: not lab.lacks(plan), 12)
    assert lab.lacks(lab.laid_before(timedelta(days=30), told="0" * 64)) == {"limited"}
    lab.approved(plan)


def test_a_month_before_the_start_every_name_has_its_address_and_a_line_can_choose(lab: Named) -> None:
    page = lab.browse(lambda client: client.get("/filters")).text
    for said in ("Not started yet", "You can choose now", lab.permit, LINE, "jp/C-01/2", "Names of phishing", "Filter of names"):
        assert said in page
    assert "off for your line" in lab.press("off")
    lab.within("shown", lambda: lab.stands() == "same", 4)
    assert lab.free(line=2)
    lab.desk.people.withdraw(lab.permit)


def test_from_the_start_on_listed_names_lead_to_the_page_and_no_others(lab: Named) -> None:
    """And not for the line that chose before."""
    lab.approved(lab.laid_before(timedelta(days=-1)))
    lab.within("started", lambda: lab.led(line=2))
    assert lab.free()
    lab.press("on")
    lab.within("switched on", lab.led)
    assert lab.led(BELOW)
    assert lab.free(FREE)
    assert lab.answered(LISTED, kind="HTTPS") == []


def test_the_page_says_why_and_how_to_switch_off_and_not_which_name_it_was(lab: Named) -> None:
    sent = lab.browse(lambda client: client.get("/some/where?it=was", headers={"host": LISTED}))
    assert (sent.status_code, sent.headers["location"]) == (302, f"http://{ROUTER4}:8470/filters?name")
    page = lab.browse(lambda client: client.get("/filters?name"))
    for said in ("a filter of your line knows as dangerous", "Switch it off", "Names of phishing"):
        assert said in page.text
    assert LISTED not in page.text + str(sent.headers)


def test_switched_off_names_have_their_address_within_two_seconds_and_only_for_that_line(lab: Named) -> None:
    for again in ("", " again"):
        lab.press("off")
        lab.within(f"switched off{again}", lab.free)
        assert lab.led(line=2)
        lab.press("on")
        lab.within(f"switched on{again}", lab.led)
    lab.press("off")
    lab.within("switched off at last", lab.free)


def test_a_line_known_by_ipv6_is_filtered_and_switches_it_off_for_its_prefix_alone(lab: Named) -> None:
    """Asked over IPv6, for addresses of both families. The line's IPv4 address has a switch of its own, which stays as it was."""
    assert lab.led6(1, LINE6, SAME6) == [True, True]
    assert (lab.answered(LISTED, kind="AAAA", source=LINE6), lab.answered(FREE, source=LINE6)) == ([PAGE6], [ANSWER])
    for again in ("", " again"):
        assert "off for your line" in lab.press6("off")
        lab.within(f"switched off over IPv6{again}", lambda: lab.led6(1, LINE6, SAME6) == [False, False])
        assert (lab.led6(2, OTHER6), lab.led(line=2), lab.free()) == ([True], True, True)
        lab.press6("on")
        lab.within(f"switched on over IPv6{again}", lambda: lab.led6(1, LINE6, SAME6) == [True, True])


def test_a_line_of_both_families_that_switched_both_off_is_let_through_on_both(lab: Named) -> None:
    lab.press6("off")
    lab.within("switched off on both", lambda: lab.led6(1, LINE6) == [False] and lab.free())
    assert lab.answered(LISTED, kind="AAAA", source=LINE6) == []
    lab.press("on")
    lab.within("one family on again", lab.led)
    assert lab.led6(1, LINE6) == [False]
    lab.press6("on")
    lab.press("off")
    lab.within("as it was", lambda: lab.led6(1, LINE6) == [True] and lab.free())


def test_ten_thousand_lines_with_a_switch_each_are_let_through_at_the_resolver_within_seconds(lab: Named) -> None:
    """As `keep` knows them after reading them once; then one of them on again among the others, and all as they were."""
    inside, before = lab.desk.inside, switches.off(lab.desk.inside, MEASURE)
    many = {f"2001:db8:100:{n:x}::/64": f"switch-{n:016x}" for n in range(16, 16 + MANY - len(before) - 1)}
    last = {"2001:db8:100:1::/64": "switch-of-the-line"}
    inside.switched_off = {MEASURE: {**before, **many, **last}}
    lab.within(f"{MANY} lines off", lambda: lab.led6(1, LINE6) == [False])
    inside.switched_off = {MEASURE: {**before, **many}}
    lab.within("one of them on again", lambda: lab.led6(1, LINE6) == [True])
    lab.within("shown", lambda: lab.effects()["resolver"]["effects"][0]["there"] == {"names": 2, "off": MANY - 1})
    assert (lab.led6(2, OTHER6), lab.free()) == ([True], True)
    inside.switched_off = None
    lab.within("as before", lambda: lab.stands() == "same" and lab.effects()["resolver"]["effects"][0]["there"]["off"] == len(before))


def test_both_sides_are_shown_as_the_resolver_itself_answers(lab: Named) -> None:
    lab.within("shown", lambda: lab.stands() == "same", 4)
    (effect,) = lab.effects()["resolver"]["effects"]
    assert effect["wanted"] == effect["there"] == {"names": 2, "off": 1}
    assert effect["permit"] == lab.permit


@pytest.mark.parametrize("name", ["names.cdb", "lines.cdb", "heart"])
def test_a_file_that_somebody_took_away_or_changed_is_put_right_within_two_seconds(lab: Named, name: str) -> None:
    (lab.folder / name).unlink()
    lab.within(f"{name} there again", (lab.folder / name).exists)
    before = (lab.folder / name).read_bytes()
    if name != "heart":
        (lab.folder / name).write_bytes(before.replace(lab.permit.encode(), b"permit-" + b"0" * 16))
        lab.within(f"{name} put right", lambda: (lab.folder / name).read_bytes() == before)
    lab.within("led again", lambda: lab.led(line=2), 4)


def test_after_a_killed_process_the_filter_ends_by_itself_and_the_next_one_takes_it_up(lab: Named) -> None:
    lab.kill()
    lab.within("ended by itself", lambda: lab.free(line=2))
    lab.start()
    lab.within("next process", lambda: lab.led(line=2), 3)
    assert lab.free()


def test_a_resolver_that_was_started_anew_reads_the_files_at_once(lab: Named) -> None:
    pids = map(int, sh("ip", "netns", "pids", lab.net.router).split())
    (its,) = [p for p in pids if Path(f"/proc/{p}/comm").read_text("ascii").strip() == "dnsdist"]
    os.kill(its, signal.SIGKILL)
    lab.within("gone", lambda: lab.answered(FREE) == [], 4)
    argv = ("dnsdist", "--supervised", "--disable-syslog", "-C", str(lab.net.folder / "dns" / "dnsdist.conf"))
    lab.net.start(lab.net.router, *argv, log="dnsdist-anew.log")
    lab.within("started anew", lambda: lab.free(FREE), 4)
    assert lab.led(line=2)
    assert lab.free()


def test_another_list_in_the_file_filters_nothing(lab: Named) -> None:
    lab.names.write_text(LIST + "more.phishing.test\n", "ascii")
    lab.within("list changed", lambda: lab.free(line=2))
    lab.names.write_text(LIST, "ascii")
    lab.within("list as it was", lambda: lab.led(line=2))


def test_withdrawn_every_name_has_its_address_within_two_seconds(lab: Named) -> None:
    lab.desk.people.withdraw(lab.permit)
    lab.within("withdrawn", lambda: lab.free(line=2))
    assert lab.permit.encode() not in (lab.folder / "lines.cdb").read_bytes()


def test_when_its_day_is_over_every_name_has_its_address_with_nobody_withdrawing_anything(lab: Named) -> None:
    """A permit of one day, and a clock that runs to the end of that day: what is tried and compared is repeated on the way, so that the
    end is the permit's own.
    """
    plan = lab.laid_before(timedelta(days=-1), lasts="1")
    lab.within("tried again", lambda: not lab.lacks(plan), 12)
    lab.approved(plan)
    lab.within("a day's permit", lambda: lab.led(line=2))
    (permit,) = [p for p in lab.desk.world.keep.call("permits") if p["id"] == lab.permit]
    lab.kill()
    lab.within("nobody holds it", lambda: lab.free(line=2))
    until = datetime.fromisoformat(permit["until"])
    while (left := until - lab.desk.time.wall()) > timedelta(seconds=LAST):
        lab.desk.time.pass_(seconds=min(timedelta(minutes=100), left - timedelta(seconds=LAST)).total_seconds())
        lab.repeated()
    assert lab.desk.world.keep.call("plan", plan=plan)["permits"][0]["state"] == "in-force"
    lab.start(moved=lab.desk.time.moved)
    lab.within("taken up on its last day", lambda: lab.led(line=2), LAST / 2)
    lab.within("over", lambda: lab.free(line=2), LAST + 2)
    assert lab.desk.time.wall() >= until - timedelta(seconds=1)
    assert lab.permit.encode() not in (lab.folder / "lines.cdb").read_bytes()
    assert lab.desk.world.keep.call("plan", plan=plan)["permits"][0]["withdrawn"] is None
    sys.stdout.write(f"{ {what: f'{seconds:.2f} s' for what, seconds in lab.took.items()} }\n")

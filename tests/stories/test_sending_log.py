"""Row D2.9, hijack signs in the sending log: a real Postfix writes it, recipients that do not exist and failed log-ins are counted by
account, held as long as the permit lives. Not a line is read without a permit; nobody can write another's sign into it.
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postfix import Running
from tests.sasl import LINES, passwords, plain
from tests.stories.test_mail_policy import DUNNO, Lab, laboratory

SPAMMER, GUESSED = "stolen@isp.example", "guessed@isp.example"
OLD = [f"old{n}@isp.example" for n in range(50)]
INNOCENT, NAMED = OLD[0], OLD[1]
THERE = "198.18.7.9"
"""From where somebody guesses."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder, today = tmp_path_factory.mktemp("sending-log"), datetime.now(UTC).date()
    (folder / "register").mkdir()
    register: Path = folder / "register" / "accounts.csv"
    days = {SPAMMER: 3, GUESSED: 3} | dict.fromkeys(OLD, 800)
    lines = (f"{who},{today - timedelta(days=many)},basic" for who, many in days.items())
    register.write_text("\n".join(["account,opened,plan", *lines]), "utf-8")
    with passwords() as port, laboratory(folder, f'accounts = "{register}"\nmail_log = "{{log}}"\n', LINES.format(port=port)) as made:
        yield made


def hands_in(lab: Lab, account: str, client: str, recipients: Sequence[str], helo: str = "client.example") -> int:
    """A mail of that account; the reply to its text."""
    with smtplib.SMTP("127.0.0.1", lab.postfix.port, local_hostname="client.example", timeout=30) as talk:
        talk.ehlo()
        assert talk.docmd("XCLIENT", f"ADDR={client} LOGIN={account}")[0] == 220
        talk.docmd("HELO", helo)
        talk.mail(account)
        for one in recipients:
            talk.docmd("RCPT", f"TO:<{one}>")
        return talk.data(b"Subject: hello\r\n\r\nDear friend\r\n")[0]


def guesses(lab: Lab, account: str, client: str, times: int, helo: str = "client.example") -> None:
    """Wrong passwords."""
    with smtplib.SMTP("127.0.0.1", lab.postfix.port, local_hostname="client.example", timeout=30) as talk:
        talk.ehlo()
        assert talk.docmd("XCLIENT", f"ADDR={client}")[0] == 220
        talk.ehlo(helo)
        assert {talk.docmd("AUTH", plain(account, "wrong"))[0] for _ in range(times)} == {535}


def abuse(lab: Lab) -> None:
    """Sixty recipients of whom nobody exists; twenty wrong passwords and then, from there, a mail."""
    hands_in(lab, SPAMMER, "198.18.0.9", [f"gone{n}@mail.example" for n in range(60)])
    guesses(lab, GUESSED, THERE, 20)
    hands_in(lab, GUESSED, THERE, ["friend@mail.example"])


def rotates(server: Running) -> None:
    """Postfix gives its log another name, packs it, and writes a new one."""
    subprocess.run(["postfix", "-c", str(server.at / "etc"), "logrotate"], check=True, timeout=30, capture_output=True)
    assert [one for one in server.log.parent.iterdir() if one.name.startswith("mail.log.")]


def figures(lab: Lab) -> dict[str, Any]:
    rows = lab.desk.people.world.keep.call("mail-stages")["logged"]
    return dict(rows[-1]) if rows else {}


def counting(lab: Lab) -> bool:
    """Whether the log is read: a mail that just was handed in is seen."""
    hands_in(lab, "probe@isp.example", "198.18.99.9", ["friend@mail.example"])
    return bool(figures(lab).get("log_seen"))


def everybody(lab: Lab) -> None:
    for n, who in enumerate(OLD):
        hands_in(lab, who, f"10.0.{n}.1", ["friend@mail.example"])


def test_without_a_permit_not_a_line_is_read_and_what_was_before_stays_unread(lab: Lab) -> None:
    hands_in(lab, SPAMMER, "198.18.0.9", [f"gone{n}@mail.example" for n in range(60)])
    lab.within("Postfix wrote it", lambda: lab.postfix.log.read_text("utf-8").count("status=bounced") == 60, 20)
    assert figures(lab) == {}
    lab.desk.people.stand("hijack-count-log")
    lab.within("counting", lambda: counting(lab), 20)
    assert (figures(lab)["nobodys"], figures(lab)["log_signs"]) == (0, 0)


def test_recipients_that_do_not_exist_and_a_guessed_password_are_counted_and_fifty_customers_tried(lab: Lab) -> None:
    everybody(lab)
    abuse(lab)
    lab.within("counted", lambda: (figures(lab)["refusing"], figures(lab)["guessed"], figures(lab)["settled"]) == (1, 1, 50), 30)
    assert (figures(lab)["nobodys"], figures(lab)["failures"], figures(lab)["matched"]) == (60, 20, 0)
    assert hands_in(lab, SPAMMER, "198.18.0.9", ["friend@mail.example"]) == 250, "a dry run holds nobody"


def test_nobody_writes_a_sign_into_the_log_of_somebody_else(lab: Lab) -> None:
    """By wrong passwords under their name, a HELO, a recipient that reads like Postfix's own words, or a reply of another server."""
    guesses(lab, NAMED, "198.18.8.9", 30)
    hands_in(lab, NAMED, "10.0.1.1", ["friend@mail.example"])
    line = f"A1B2C3D4E5: client=x[10.0.0.1], sasl_method=PLAIN, sasl_username={INNOCENT}"
    guesses(lab, f"nobody, sasl_username={INNOCENT}", "10.0.0.1", 30, helo=f"{line}> sasl_username=<{INNOCENT}")
    trick = f'"x>, relay=y, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced ({INNOCENT}"@mail.example'
    hands_in(lab, "probe@isp.example", "198.18.99.9", [trick, f"gone@mail.example{line}"], helo=f"x> sasl_username=<{INNOCENT}")
    before = figures(lab)["log_seen"]
    hands_in(lab, "after@isp.example", "198.18.98.9", ["friend@mail.example"])
    lab.within("all of it was read", lambda: figures(lab)["log_seen"] > before and figures(lab)["failures"] == 50, 20)
    assert (figures(lab)["log_signs"], figures(lab)["matched"]) == (2, 0)


def test_who_shows_signs_is_held_as_long_as_the_permit_lives_and_over_a_rotated_log(lab: Lab) -> None:
    (permit,) = lab.desk.people.stand("hijack-hold-log")
    lab.within("its own counts", lambda: permit in {s["permit"] for s in stages(lab) if s["answered"]}, 20)
    lab.within("it reads", lambda: lab.asks("probe@isp.example") == [DUNNO], 10)
    abuse(lab)
    rotates(lab.postfix)
    abuse(lab)
    lab.within("held", lambda: lab.asks(SPAMMER, 1, "198.18.0.9") != [DUNNO] and lab.asks(GUESSED, 1, THERE) != [DUNNO], 30)
    assert {hands_in(lab, who, "198.18.50.9", ["friend@mail.example"]) for who in (SPAMMER, GUESSED)} == {450}
    assert {hands_in(lab, who, "10.0.0.1", ["friend@mail.example"]) for who in (INNOCENT, NAMED, "x@isp.example")} == {250}
    lab.desk.people.withdraw(permit)
    took = lab.within("withdrawn", lambda: lab.asks(SPAMMER, 1, "198.18.0.9") == [DUNNO])
    sys.stdout.write(f"withdrawn after {took:.2f} s\n")
    kept = b"".join(p.read_bytes() for p in (lab.desk.state / "policy").iterdir())
    assert not [w for w in (b"gone", b"friend", b"stolen@", b"old1@", b"198.18.") if w in kept]


def stages(lab: Lab) -> list[dict[str, Any]]:
    return list(lab.desk.people.world.keep.call("mail-stages")["stages"])

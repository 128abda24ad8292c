"""The bench of mails counts nothing whose bytes are not right; this gives it mails that are wrong, each in one way."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from bench import mail
from sekisho.desk.campaign_look import own
from sekisho.desk.commitment import leaf
from sekisho.desk.messages.files import read_campaign
from sekisho.effects.message import compose
from tests.desk import mailing

LISTED = mailing.people(3)
SAID, _ = read_campaign(mailing.NOTICE, "notice@example.net", "somebody", datetime(2026, 11, 22, tzinfo=UTC))


def arrived(*recipients: str, number: int = 0) -> bytes:
    """What the sink writes: the envelope on top, then the mail as it came."""
    person = LISTED[number]
    codes = ("ABCD-EFGH-IJKL-MNOP", "A" * 24)
    raw = compose(SAID, own(SAID, "https://isp.example", "campaign-1", leaf(person), person, codes))
    to = "".join(f"X-Rcpt-Args: <{one}> ORCPT=rfc822;{one}\n" for one in recipients or (person.mail,))
    return f"X-Mail-Args: <{SAID.sender}> SIZE=1\n{to}Received: from relay (localhost)\n".encode() + raw.replace(b"\r\n", b"\n")


def every_one() -> list[bytes]:
    return [arrived(number=n) for n in range(len(LISTED))]


def test_mails_to_one_person_each_with_nobody_else_in_them_are_right() -> None:
    assert mail.wrong(every_one(), SAID, LISTED) == []


def test_two_recipients_of_one_mail_stop_the_bench() -> None:
    (first, *_) = mail.wrong([arrived(LISTED[0].mail, LISTED[1].mail), *every_one()[1:]], SAID, LISTED)
    assert first == "mail 1: 2 recipients"


@pytest.mark.parametrize("hidden", ["X-Old-To: {}\n", "Received: for <{}>\n"])
def test_a_foreign_address_in_a_header_stops_the_bench(hidden: str) -> None:
    bad = every_one()
    bad[2] = hidden.format(LISTED[0].mail).encode() + bad[2]
    assert mail.wrong(bad, SAID, LISTED) == ["mail 3: 1 foreign addresses"]


def test_a_foreign_address_inside_a_coded_part_stops_the_bench() -> None:
    head, boundary, rest = arrived().partition(b"Content-Transfer-Encoding: base64\n\n")
    line, _, more = rest.partition(b"\n")
    text = base64.b64decode(line)[:30] + b" runner2@mail.example "
    bad = head + boundary + base64.b64encode(text) + b"\n" + more
    assert mail.wrong([bad, *every_one()[1:]], SAID, LISTED) == ["mail 1: 1 foreign addresses"]


def test_somebody_with_two_mails_or_none_stops_the_bench_unless_nobody_can_know() -> None:
    mails = every_one()
    assert mail.wrong([*mails, mails[0]], SAID, LISTED) == ["4 mails to 3 of 3 people"]
    assert mail.wrong(mails[1:], SAID, LISTED) == ["2 mails to 2 of 3 people"]
    assert mail.wrong(mails[1:], SAID, LISTED, unknown=1) == []
    assert mail.wrong([*mails[1:], mails[1]], SAID, LISTED, unknown=1) == ["3 mails to 2 of 3 people"]

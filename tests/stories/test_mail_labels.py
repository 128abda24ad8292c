"""A real Postfix shows mails to the real process: each gets a label that says who stands behind it, and arrives whatever that says.

Row D2.8: "sender authentication under its own condition"; law C-09a: a label, and nothing else.
"""

from __future__ import annotations

import base64
import smtplib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import Popen
from types import SimpleNamespace

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.effects.dkim import signed
from sekisho.faces.commands.mail import labels
from sekisho.faces.unsafe.demo import free_port
from tests.conftest import BUSY
from tests.desk.test_consents import ANSWER
from tests.desk.test_mail_recipients import SAID, SHOWN
from tests.resolver import recursing
from tests.stories.test_mail_policy import SECONDS, Lab, laboratory

BY = "mx.isp.example"
OURS, ALSO_OURS, THEIRS = "203.0.113.9", "192.0.2.77", "198.51.100.7"
"""Of the sender's domain, and of somebody who uses its name."""
KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")
CURVE = ed25519.Ed25519PrivateKey.generate()
CURVE_PUBLIC = base64.b64encode(CURVE.public_key().public_bytes_raw()).decode("ascii")
RECORDS = [
    f'far.example. TXT "v=spf1 ip4:{OURS} ip4:{ALSO_OURS} -all"',
    f's1._domainkey.far.example. TXT "v=DKIM1; k=rsa; p={PUBLIC[:200]}" "{PUBLIC[200:]}"',
    '_dmarc.far.example. TXT "v=DMARC1; p=reject"',
    'soft.example. TXT "v=spf1 ~all"',
    'broken.example. TXT "v=spf1 ip4:nowhere -all"',
    f'c1._domainkey.far.example. TXT "v=DKIM1; k=ed25519; p={CURVE_PUBLIC}"',
]
THEIRS_TOO = "mx.else.example (seen); spf=fail smtp.mailfrom=far.example"
FORGED = f"Authentication-Results: {BY}; spf=pass smtp.mailfrom=alice@far.example\r\n"
NAMED = (f"(now) {BY.upper()} 1", f"(a (b) c) {BY}", f"(;) {BY}", f'"{BY[:-1]}\\{BY[-1]}"', f'\r\n "{BY}"', f"(a\\)) {BY}")
"""Our name as a stranger can write it: behind remarks, within remarks, quoted, folded."""
FORGERIES = (
    FORGED + "".join(f"authentication-results: {name}; dkim=pass\r\n" for name in NAMED)
    + f"Authentication-Results: {THEIRS_TOO}\r\n"
)  # fmt: skip


@dataclass
class Labels:
    """The lab of the mail server, with a resolver that knows the senders."""

    lab: Lab
    resolver: Popen[bytes]
    folder: Path

    def sends(
        self, client: str = OURS, sender: str = "alice@far.example", head: str = "", helo: str = "out.far.example", text: str = ""
    ) -> list[str]:
        """A mail from there; the labels it arrives with."""
        before = len(self.lab.sink.mails)
        with smtplib.SMTP("127.0.0.1", self.lab.postfix.port, local_hostname=helo, timeout=30) as talk:
            talk.ehlo()
            assert talk.docmd("XCLIENT", f"ADDR={client} NAME=[UNAVAILABLE] HELO={helo}")[0] == 220
            talk.ehlo()
            unsigned = f"{head}From: {sender or helo}\r\nSubject: hello\r\n\r\nDear Bob\r\n"
            talk.sendmail(sender, "bob@mail.example", text or unsigned)
        self.lab.within("it arrives", lambda: len(self.lab.sink.mails) > before, 20)
        raw = self.lab.sink.mails[-1].raw.decode().partition("\r\n\r\n")[0].replace("\r\n ", " ").replace("\r\n\t", " ")
        return [" ".join(line.partition(":")[2].split()) for line in raw.splitlines() if line.lower().startswith("authentication-results:")]

    def counted(self) -> dict[str, int]:
        """Of this hour, as the console has it."""
        stages = self.lab.desk.people.world.keep.call("mail-stages")["stages"]
        return {k: n for s in stages for h in s["hours"][-1:] for k, n in h["found"].items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labels]:
    folder, port, dns = tmp_path_factory.mktemp("mail-labels"), free_port(), free_port()
    settings = f'milter = "127.0.0.1:{port}"\nlabel_by = "{BY}"\nresolver = "127.0.0.1:{dns}"\n'
    lines = f"mynetworks = 127.0.0.0/8 {OURS} {ALSO_OURS} {THEIRS}\n" + labels(f"127.0.0.1:{port}", BY)
    with recursing(folder / "dns", dns, RECORDS) as resolver, laboratory(folder, settings, lines) as lab:
        yield Labels(lab, resolver, folder)


def test_without_a_permit_no_mail_is_shown_and_none_gets_a_label(made: Labels) -> None:
    assert made.sends() == []
    assert made.sends(head=FORGERIES) == [THEIRS_TOO], "nobody else writes in our name, permit or not"


def test_who_the_domain_names_passes_and_who_it_does_not_name_fails_and_still_arrives(made: Labels) -> None:
    made.lab.desk.people.stand("mail-authentication")
    made.lab.within("labels", lambda: made.sends() != [], 20)
    assert made.sends() == [f"{BY}; spf=pass smtp.mailfrom=alice@far.example"]
    assert made.sends(THEIRS) == [f"{BY}; spf=fail smtp.mailfrom=alice@far.example"]
    assert made.sends(THEIRS, "eve@soft.example") == [f"{BY}; spf=softfail smtp.mailfrom=eve@soft.example"]
    assert made.sends(THEIRS, "eve@nothing.example") == [f"{BY}; spf=none smtp.mailfrom=eve@nothing.example"]
    assert made.sends(THEIRS, "eve@broken.example") == [f"{BY}; spf=permerror smtp.mailfrom=eve@broken.example"], "nonsense is no fail"
    assert made.sends(OURS, "", helo="far.example") == [f"{BY}; spf=pass smtp.helo=far.example"], "a bounce: by its HELO"


def test_a_label_that_a_stranger_wrote_in_our_name_is_gone_and_ours_stands(made: Labels) -> None:
    assert made.sends(THEIRS, head=FORGERIES) == [f"{BY}; spf=fail smtp.mailfrom=alice@far.example", THEIRS_TOO]


def test_what_was_found_is_counted_by_the_hour_and_no_domain_is_kept(made: Labels) -> None:
    made.lab.within("counted", lambda: made.counted().get("spf-fail", 0) >= 3 and made.counted().get("spf-pass", 0) >= 2, 20)
    assert set(made.counted()) == {"spf-pass", "spf-fail", "spf-none", "spf-error"}
    kept = b"".join(p.read_bytes() for p in made.lab.desk.state.rglob("*") if p.is_file())
    assert b"far.example" not in kept


def test_a_resolver_that_is_silent_is_an_error_in_the_label_and_the_mail_arrives(made: Labels) -> None:
    made.resolver.send_signal(19)
    began = time.monotonic()
    assert made.sends() == [f"{BY}; spf=temperror smtp.mailfrom=alice@far.example"]
    assert time.monotonic() - began < 5 + BUSY
    made.resolver.send_signal(18)


def test_killed_mail_flows_without_a_label_and_the_next_process_labels_again(made: Labels) -> None:
    made.lab.kill()
    assert made.sends(head=FORGED) == []
    made.lab.within("and Postfix says so", lambda: "connect to Milter service" in made.lab.postfix.log.read_text("utf-8"))
    made.lab.start()
    made.lab.within("labels again", lambda: made.sends() != [], 20)


def by_method(found: list[str]) -> dict[str, str]:
    """Of all labels of a mail."""
    return dict(one.strip().partition(" ")[0].split("=") for label in found for one in label.split(";")[1:])


def test_a_signed_mail_is_labelled_so_and_a_forged_one_fails_and_still_arrives(made: Labels) -> None:
    """A person confirmed that texts may be hashed; what the domain's owner asks to be done with a forgery is not done."""
    assert by_method(made.sends()) == {"spf": "pass"}
    made.lab.desk.people.stand("mail-authentication-signed")
    text = b"From: Alice <alice@far.example>\r\nSubject: hello\r\n and more\r\n\r\nDear  Bob \r\n.dot\r\n\r\n"
    mail = signed(text, KEY, "s1", "far.example").decode("ascii")
    everything = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
    made.lab.within("signatures", lambda: by_method(made.sends(text=mail)) == everything, 20)
    assert by_method(made.sends(THEIRS, text=mail)) == {"spf": "fail", "dkim": "pass", "dmarc": "pass"}, "passed on by somebody else"
    assert by_method(made.sends(THEIRS, text=mail.replace("Dear", "Pay"))) == {"spf": "fail", "dkim": "fail", "dmarc": "fail"}
    assert by_method(made.sends(THEIRS)) == {"spf": "fail", "dkim": "none", "dmarc": "fail"}
    assert b"Pay  Bob" in made.lab.sink.mails[-2].raw, "it arrived as it was"


def curved(text: bytes) -> str:
    """The mail with a signature by Ed25519 on top (RFC 8463): what dkimpy would sign, with our key."""
    key = SimpleNamespace(sign=lambda hashed: SimpleNamespace(signature=CURVE.sign(hashed)))
    signer = dkim.DKIM(text, signature_algorithm=b"ed25519-sha256")
    with pytest.MonkeyPatch.context() as here:
        here.setattr(dkim.nacl.signing, "SigningKey", lambda *_given, **_more: key, raising=False)
        return (signer.sign(b"c1", b"far.example", b"") + text).decode("ascii")


def test_a_mail_signed_by_ed25519_passes_and_a_changed_one_does_not(made: Labels) -> None:
    mail = curved(b"From: Alice <alice@far.example>\r\nSubject: hello\r\n\r\nDear Bob\r\n")
    assert "a=ed25519-sha256" in mail
    assert by_method(made.sends(THEIRS, text=mail)) == {"spf": "fail", "dkim": "pass", "dmarc": "pass"}
    assert by_method(made.sends(THEIRS, text=mail.replace("Dear", "Pay"))) == {"spf": "fail", "dkim": "fail", "dmarc": "fail"}


def waits(made: Labels, client: str) -> int:
    """A first mail from there to a recipient who agreed: how many seconds it is told to wait; 0: it may come."""
    with smtplib.SMTP("127.0.0.1", made.lab.postfix.port, local_hostname="out.far.example", timeout=30) as talk:
        talk.ehlo()
        talk.docmd("XCLIENT", f"ADDR={client} NAME=[UNAVAILABLE]")
        talk.ehlo()
        talk.mail("carol@far.example")
        code, said = talk.rcpt("friend@mail.example")
        return int(said.rpartition(b" in ")[2].split()[0]) if code == 450 else 0


def test_a_large_senders_other_machine_waits_no_longer_than_the_first(made: Labels) -> None:
    """Row D2.9, greylisting by SPF domain: for who agreed, asked of the same resolver."""
    people = made.lab.desk.people
    said = replace(ANSWER, **{**SAID, "line": "friend@mail.example", "by": people.keys["desk"].person, "at": people.world.clock()})
    people.world.keep.call("record-consent", answer=said, shown=SHOWN, signature=people.keys["desk"].sign(said))
    people.stand("greylisting")
    made.lab.within("greylisting", lambda: waits(made, OURS) > 0, 20)
    made.lab.within("time passes for both", lambda: 0 < waits(made, ALSO_OURS) < 300, 20)
    assert waits(made, THEIRS) == 300, "somebody else who uses the name begins anew"


def test_withdrawn_no_mail_gets_a_label_within_two_seconds(made: Labels) -> None:
    permits = {p["id"] for step in ("label", "label-signed") for p in made.lab.desk.people.permits(step)}
    assert (made.sends() != [], len(permits)) == (True, 2)
    for permit in permits:
        made.lab.desk.people.withdraw(permit)
    took = made.lab.within("withdrawn", lambda: made.sends() == [], SECONDS)
    sys.stdout.write(f"withdrawn after {took:.2f} s\n")

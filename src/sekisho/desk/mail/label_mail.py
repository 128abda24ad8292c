"""A mail that the mail server shows us gets its label, for as long as a permit for labels is in force; otherwise it is not even shown.

Runs in `policy`, under the permits that `AnswerMail` heard and checked. What goes wrong here costs a mail its label and nothing else: it
is counted, and the mail goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sekisho.desk.mail.answer_mail import AnswerMail
from sekisho.desk.mail.names import Names
from sekisho.effects.sender_check import Found, by_spf
from sekisho.effects.sender_label import SIGNED, Labelling
from sekisho.effects.signature_check import by_dkim, by_dmarc
from sekisho.wire import milter

HEADER = "Authentication-Results"
LARGEST = 8 << 20
"""Octets of header and text that are held while a mail comes in. Of a larger one nothing is said but who sent it."""
Findings = tuple[Found, ...]


@dataclass(frozen=True)
class Mail:
    """What one mail was said to be. Never shown: values end up in tracebacks."""

    client: str = ""
    helo: str = ""
    sender: str = ""
    account: str = ""
    text: bytes | None = None

    def __repr__(self) -> str:
        return "Mail(...)"


@dataclass
class LabelMail:
    """One per process. `by`: the operator's name in a label (authserv-id). `names`: a resolver, for one mail."""

    answering: AnswerMail
    by: str
    names: Callable[[], Names]

    def stages(self) -> tuple[Labelling, ...]:
        """In force now."""
        now = self.answering.clock()
        return tuple(s.stage for s in self.answering.stages if now < s.until and isinstance(s.stage, Labelling))

    def left_out(self) -> int:
        """What the mail server is to leave out of the mails of a new connection."""
        steps = {stage.step for stage in self.stages()}
        return milter.WHOLE if SIGNED in steps else milter.ENVELOPE if steps else milter.NOTHING

    def find(self, mail: Mail) -> Findings:
        """What its label would say: asks the resolver, three seconds at most. Nothing without a permit, and of accounts that signed in."""
        if not self.stages() or mail.account:
            return ()
        names = self.names()
        sent = by_spf(mail.client, mail.helo, mail.sender, names.ask)
        if mail.text is None:
            return (sent,)
        signed = by_dkim(mail.text, names.ask)
        return sent, signed, by_dmarc(mail.text, (sent, signed), names.ask)

    def label(self, found: Findings) -> bytes:
        """The line as the mail server is told it, and its count; nothing where the permit ended meanwhile."""
        said: list[Found] = []
        for stage in self.stages() if found else ():
            mine = [f for f in found if f.method in stage.methods]
            said += mine
            self.answering.labelled(stage.permit, [f.figure for f in mine])
        return milter.on_top(HEADER, f"{self.by};\n " + ";\n ".join(map(str, said))) if said else b""

    def failed(self, code: str) -> None:
        """A mail that went without its label, or somebody who is no mail server."""
        self.answering.unlabelled(code, [stage.permit for stage in self.stages()])


class Showing:
    """One connection of the mail server: some mails, one behind the other."""

    def __init__(self, labels: LabelMail) -> None:
        self.labels = labels
        self.reader = milter.MilterReader()
        self.left_out = milter.NOTHING
        self.mail = Mail()
        self.head, self.body = bytearray(), bytearray()

    def feed(self, data: bytes) -> Iterator[bytes | Mail | None]:
        """In their order: what is answered; a mail that waits for its label, and `go_on` after it; None: the connection is over.

        Raises FormError."""
        for piece in self.reader.feed(data):
            if piece.letter == milter.OPTIONS:
                self.left_out = self.labels.left_out()
                yield milter.options(piece.said, self.left_out)
            elif piece.letter == milter.END:
                self._more(piece.said)
                yield replace(self.mail, text=self._text())
                self._anew()
            elif piece.letter in (milter.QUIT, milter.QUIT_NEXT):
                yield None
            elif piece.letter == milter.ABORT:
                self._anew()
            elif piece.letter == milter.HEADER:
                self._more(milter.line(piece.said), head=True)
            elif piece.letter == milter.BODY:
                self._more(piece.said)
            else:
                self.mail = self._told(piece)

    def _more(self, said: bytes, *, head: bool = False) -> None:
        """Of header or text; no further than what is held of one mail, and nothing once no permit lets it be hashed."""
        if self.labels.left_out() == milter.WHOLE == self.left_out and len(self.head) + len(self.body) <= LARGEST:
            (self.head if head else self.body).extend(said)

    def _text(self) -> bytes | None:
        """The mail as it was signed; None where it was not shown, or is too large."""
        return bytes(self.head + b"\r\n" + self.body) if self.head and len(self.head) + len(self.body) <= LARGEST else None

    def _anew(self) -> None:
        self.mail = Mail(self.mail.client, self.mail.helo)
        self.head, self.body = bytearray(), bytearray()

    def _told(self, piece: milter.Piece) -> Mail:
        """The mail after what was said. Of a connection of which nothing is shown, nothing is believed."""
        letter, said, mail = piece.letter, piece.said, self.mail
        if letter == milter.CONNECT:
            return Mail(client=milter.address(said))
        if letter == milter.HELO:
            return replace(mail, helo=_text(said))
        if letter == milter.MAIL:
            return replace(mail, sender=_text(said).strip("<>"))
        if letter == milter.MACROS and said[:1] == milter.MAIL:
            return replace(mail, account=milter.macros(said).get("{auth_authen}", ""))
        return mail

    def find(self, mail: Mail) -> Findings:
        """Nothing of a mail that was not shown: "none" would be a guess. May be called beside everything else."""
        return self.labels.find(mail) if self.left_out != milter.NOTHING else ()

    def go_on(self, found: Findings) -> bytes:
        """The mail goes on, with its label where it has one."""
        return self.labels.label(found) + milter.ACCEPT


def _text(said: bytes) -> str:
    return milter.texts(said)[0].decode("utf-8", "surrogateescape")

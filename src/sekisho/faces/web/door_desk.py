"""What the public pages ask of the desk: the doors, one form, and a case by its number and code. Nobody is signed in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]
Files: TypeAlias = Sequence[Mapping[str, Any]]
"""Files as they came: {"paper", "name", "content": octets}."""


class DoorDesk(Protocol):
    """Answers shaped as the procedure_{door,follow,answer}.py of `desk/cases` say. A refusal is an Error answer."""

    async def doors(self) -> Json:
        """{"operator": {...}, "doors": [...]}."""

    async def printed(self, door: Mapping[str, Any], operator: Mapping[str, Any], on: date, language: str) -> Json:
        """{"pdf": octets}: the door's form on paper."""

    async def years(self) -> Sequence[int]:
        """Years whose report was published, newest first."""

    async def report(self, year: str) -> Json | None:
        """{"report", "statements"} of a year, as it was published; None where none was."""

    async def statements(self) -> Json:
        """What was said in public about incidents, as `desk/incidents/public_statements.py` says."""

    async def knock(self, door: str, facts: Mapping[str, Any], files: Files, language: str) -> Json:
        """{"number", "code", "at"}: the receipt; its code is told this once."""

    async def my_case(self, number: str, code: str) -> Json:
        """Where it stands, for whoever sent the form."""

    async def add(self, number: str, code: str, words: str, files: Files) -> Json:
        """{"number", "files": int}."""

    async def open_inquiry(self, number: str, code: str) -> Json:
        """What is asked, for whoever has the letter. The first time it records the receipt: never for a page that is only loaded."""

    async def save_answer(self, number: str, code: str, choice: str, words: str) -> Json:
        """{"number"}: the draft is kept, and counts for nothing."""

    async def send_answer(self, number: str, code: str, choice: str, words: str, files: Files) -> Json:
        """{"number", "choice", "day"}: the answer counts."""

    async def touched(self, number: str, code: str) -> Json:
        """Which incidents touched whoever has this code, as `desk/incidents/touched.py` says."""

    async def my_order(self, number: str, code: str) -> Json:
        """An order after an incident, for the contractor with its code, as `desk/incidents/order_answer.py` says."""

    async def answer_order(self, number: str, code: str, words: str, undone: int | None, files: Files) -> Json:
        """The same, with the answer in it: it counts."""

    async def opened(self, service: str, record: str) -> Json:
        """{"service", "count", "openings": [{"at", "purpose", "full", "withheld"}]}, as `desk/posts/opened.py` says."""

    async def check_mail(self, code: str, subject: str, sender: str, day: str) -> Json:
        """{"mail", "like"}, as `desk/messages/genuine.py` says. `day`: ISO, or empty."""

    async def announced_mails(self) -> Json:
        """{"mailings": [Mailing]}, newest first."""

    async def one_press(self, code: str) -> Json:
        """{"ok"}, whatever the code: a mail program asks for no more mail to its owner (RFC 8058)."""

    async def stop_mail(self, code: str, typed: str) -> Json:
        """{"ok"}, whatever the codes; so is the next."""

    async def mail_again(self, code: str, typed: str) -> Json:
        """{"ok"}: a stop is taken back."""

    async def mail_stands(self, code: str, typed: str) -> Json:
        """{"stops": [{"at", "how", "ended"}]}, as `desk/messages/stop.py` says."""

    async def hand_in(self, token: str, mailing: Mapping[str, Any], to: Sequence[str]) -> Json:
        """{"hand_in", "persons"}, as `desk/messages/hand_in.py` says; so is the next."""

    async def my_mailings(self, token: str) -> Json:
        """Totals of what was handed in."""

    async def my_port(self, address: str) -> Json:
        """How port 25 stands for the line of this address, as `desk/access/line_code.py` says."""

    async def line_code(self, address: str) -> Json:
        """{"code", "until"}: for the help desk, once."""

    async def close_my_line(self, address: str) -> Json:
        """{"exception"}: it ends now."""

    async def my_filters(self, address: str) -> Json:
        """The filters of the line of this address, as `desk/access/my_filters.py` says."""

    async def throw_my_switch(self, address: str, which: str, to: str) -> Json:
        """{"switch", "to"}: it counts at once. `which` is the filter's permit, `to` "off" or "on"."""

    async def ask_longer(self, number: str, code: str, words: str) -> Json:
        """{"number"}: more time is asked for."""

    async def questions(self) -> Sequence[Json]:
        """What may be agreed to now, each as `question`."""

    async def question(self, which: str) -> Json:
        """{"id", "name", "by", "agreed": {language: sentence}, "stop", "purpose", "days", "until", "training"}: see `desk/optin/ask.py`."""

    async def ask_code(self, which: str, mail: str, language: str, browser: str, sender: Mapping[str, Any]) -> Json:
        """{"until"}, whoever the address belongs to: a mail with a code may go there. See `desk/optin/request.py`."""

    async def answer_question(self, which: str, code: str, do: str, language: str, sender: Mapping[str, Any], browser: str) -> Json:
        """{"state", "at", "until", "receipt"}; `sender` is {"address", "port"}. Only the code of one mail answers."""

    @property
    def films(self) -> Path:
        """Where encrypted films and files lie, a folder each."""

    async def viewing(self, which: str) -> Json:
        """{"id", "title": {language: words}, "by", "film", "until", "devices"}, as `desk/viewing/watch.py` says."""

    async def open_viewing(self, which: str, code: str, *, anew: bool) -> Json:
        """{"session"}: told this device once. Only the code of an invitation opens it."""

    async def watch(self, which: str, session: str, *, key: bool) -> Json:
        """{"folder", "files", "names", "until", "key"}: the key in hex where it is asked for; `names` of files, none for a film."""

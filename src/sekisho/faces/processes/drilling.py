"""A drill of a contractor's tool, run: our made-up people's mails go to its mail server, and a confined sink takes what comes back."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sekisho.desk.entrusting.drill_file import DrillFile
from sekisho.desk.entrusting.drill_script import Result, Script

PATIENCE = 30


class Server:
    """The tool's mail server, spoken to as any mail server would."""

    def __init__(self, place: tuple[str, int], name: str) -> None:
        self.place, self.name = place, name

    def send(self, sender: str, to: str, raw: bytes) -> bool:
        """Raises OSError where nobody answers."""
        try:
            with smtplib.SMTP(*self.place, local_hostname=self.name, timeout=PATIENCE) as server:
                server.sendmail(sender, [to], raw)
        except smtplib.SMTPResponseException as no:
            return self._no(no)
        except smtplib.SMTPRecipientsRefused:
            return False
        return True

    def _no(self, no: smtplib.SMTPResponseException) -> bool:
        if no.smtp_code < 500:
            raise OSError(no.smtp_code) from no
        return False


def drilled(told: DrillFile, clock: Callable[[], datetime], folder: Path) -> Result:
    """The sink runs in a process of its own, for as long as the drill lasts, and lays every mail in the folder. Raises OSError."""
    from sekisho.faces.processes import sink

    folder.mkdir(parents=True, exist_ok=True)
    with sink.running(folder, *told.listen, told.domain):
        post = Server(told.server, told.domain)
        return Script(told.doors, told.people, post, sink.Mails(folder, told.quiet), clock).run()

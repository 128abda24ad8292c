"""Shown mails by the mail server (Postfix, smtpd_milters) so that they get labels; its only answers are a line on top, and "go on"."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from sekisho.desk.mail.answer_mail import FormError
from sekisho.desk.mail.label_mail import Findings, LabelMail, Mail, Showing

AT_ONCE = 64
"""Mails whose senders are looked up at the same time. Nobody stands in line behind them: a mail that comes then goes without a label,
since strangers whose names take three seconds each would otherwise hold up everybody's."""
MOST_OPEN = 200
LONGEST = 4.0
"""Seconds that a mail waits for its label; then it goes without one."""
IDLE = 600.0


class Door:
    """Where the mail server comes to."""

    def __init__(self, labels: LabelMail) -> None:
        self.labels = labels
        self.pool = ThreadPoolExecutor(AT_ONCE, "label")
        self.free = threading.BoundedSemaphore(AT_ONCE)
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end. What has no form ends it, and is counted."""
        self.open += 1
        try:
            if self.open <= MOST_OPEN:
                await self._talk(reader, writer)
            else:
                self.labels.failed("too-many-connections")
        except FormError as no:
            self.labels.failed(f"milter-{no.code}")
        except (OSError, TimeoutError):
            self.labels.answering.counters["milter-gone"] += 1
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        showing = Showing(self.labels)
        while data := await asyncio.wait_for(reader.read(1 << 16), IDLE):
            for said in showing.feed(data):
                if said is None:
                    return
                writer.write(showing.go_on(await self._find(showing, said)) if isinstance(said, Mail) else said)
            await writer.drain()

    async def _find(self, showing: Showing, mail: Mail) -> Findings:
        """Nothing where it takes too long, or stumbles, or all are busy."""
        if not self.free.acquire(blocking=False):
            self.labels.failed("label-busy")
            return ()
        try:
            finding = asyncio.get_running_loop().run_in_executor(self.pool, self._looked, showing, mail)
            return await asyncio.wait_for(finding, LONGEST)
        except TimeoutError:
            self.labels.failed("label-late")
        except Exception as why:  # noqa: BLE001 - whatever a stranger's mail does to us, it arrives
            self.labels.failed(f"label-{type(why).__name__}")
        return ()

    def _looked(self, showing: Showing, mail: Mail) -> Findings:
        try:
            return showing.find(mail)
        finally:
            self.free.release()

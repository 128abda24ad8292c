"""Many mails over a few connections: one envelope each, one recipient each, and for each the permit is asked right before its first octet.

The steps for one mail are those of `effects/mail.py`; only the connection is kept between them. What breaks after the first octet of a
message is `unknown`; what breaks before is `deferred`, and the next mail gets a new connection.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import aiosmtplib

from sekisho.effects.mail import MayStill, Relay, Stage, path_of
from sekisho.effects.order import Outcome, Stopped


@dataclass(frozen=True)
class Answer:
    """What became of one mail, how far it got, and the server's reply code (0: none)."""

    outcome: Outcome
    stage: Stage
    code: int = 0


class Line:
    """One connection to the relay, opened when it is needed and opened again when it broke. For one task at a time."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.sender = path_of(relay.sender)
        self.client: aiosmtplib.SMTP | None = None

    async def offer(self, recipient: str, raw: bytes, may_still: MayStill, sender: str = "") -> Answer:
        """`sender`: where it comes back to, if not to the relay's own sender.

        Never raises for what the network or the server does. Raises Unsendable for an address that is none.
        """
        paths, stage = (path_of(sender) if sender else self.sender, path_of(recipient)), [Stage.CONNECT]
        try:
            return await self._offer(await self._open(), paths, raw, may_still, stage)
        except Stopped:
            await self.close()  # after DATA there is no RSET: a connection that ends without the final dot delivers nothing
            return Answer(Outcome.STOPPED, stage[0])
        except aiosmtplib.SMTPResponseException as no:
            await self.close()
            return Answer(_broken(stage[0]), stage[0], max(0, no.code))
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            await self.close()
            return Answer(_broken(stage[0]), stage[0])

    async def _open(self) -> aiosmtplib.SMTP:
        if self.client is not None and self.client.is_connected:
            return self.client
        relay = self.relay
        self.client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.helo,
            timeout=relay.seconds,
            use_tls=relay.tls.value == "implicit",
            start_tls=relay.tls.value == "starttls",
            cert_bundle=relay.ca_file,
            username=relay.username,
            password=relay.password,
        )
        await self.client.connect()
        await self.client.ehlo()
        return self.client

    async def _offer(
        self, client: aiosmtplib.SMTP, paths: tuple[bytes, bytes], raw: bytes, may_still: MayStill, stage: list[Stage]
    ) -> Answer:
        sender, path = paths
        for stage[0], words in ((Stage.SENDER, (b"MAIL", b"FROM:" + sender)), (Stage.RECIPIENT, (b"RCPT", b"TO:" + path))):
            said = await client.execute_command(*words)
            if said.code not in (250, 251):
                await client.execute_command(b"RSET")
                return Answer(Outcome.REFUSED if said.code // 100 == 5 else Outcome.DEFERRED, stage[0], said.code)
        stage[0] = Stage.DATA
        said = await client.execute_command(b"DATA")
        if said.code != 354:
            return Answer(Outcome.REFUSED if said.code // 100 == 5 else Outcome.DEFERRED, stage[0], said.code)
        await may_still()
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("gone before the message")
        stage[0] = Stage.HANDED_OVER
        protocol.write(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")
        said = await protocol.read_response(timeout=self.relay.answer_seconds)
        outcomes = {2: Outcome.ACCEPTED, 4: Outcome.DEFERRED, 5: Outcome.REFUSED}
        return Answer(outcomes.get(said.code // 100, Outcome.UNKNOWN), stage[0], said.code)

    async def close(self) -> None:
        """The connection goes; what was accepted stays accepted."""
        if self.client is not None:
            self.client.close()
            self.client = None

    async def quit(self) -> None:
        """Take leave."""
        if self.client is not None and self.client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await self.client.execute_command(b"QUIT", timeout=2)
        await self.close()


def _broken(stage: Stage) -> Outcome:
    return Outcome.UNKNOWN if stage is Stage.HANDED_OVER else Outcome.DEFERRED

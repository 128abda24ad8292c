"""The way out for every mail of ours: the operator's own server, the sender's address, and the signature of its domain."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sekisho.desk.outside import Outside
from sekisho.effects import dkim
from sekisho.effects.mail import Relay, Tls, unsigned


def relay(world: Outside, sender_name: str, reply_to: str = "") -> Relay:
    """Raises BadKey, OSError: where a key is named, nothing leaves without its signature."""
    mail = world.settings.mail
    return Relay(mail.host, mail.port, mail.sender, sender_name, mail.helo, reply_to, Tls(mail.tls), sign=_signer(world))


def _signer(world: Outside) -> Callable[[bytes], bytes]:
    mail, domain = world.settings.mail, world.settings.mail.sender.rpartition("@")[2]
    if mail.dkim_key is None:
        return unsigned
    key = _key_in(mail.dkim_key, mail.dkim_key.stat().st_mtime_ns)
    return lambda raw: dkim.signed(raw, key, mail.dkim_selector, domain)


@lru_cache(maxsize=4)
def _key_in(path: Path, _changed: int) -> RSAPrivateKey:
    return dkim.read_key(path)

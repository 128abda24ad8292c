"""Whose passkey is this? `keep` checks the assertion; the console only opens a session for who it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.desk.signing import once, verified
from sekisho.desk.staff.statements import SignIn
from sekisho.desk.world import World
from sekisho.gate.people import Signature
from sekisho.law.canonical import plain


@dataclass(frozen=True)
class SignedIn:
    """The console's nonce and the person's signature over it. The person is named by the signature."""

    sign_in: SignIn
    signature: Signature


def carry_out(world: World, request: SignedIn) -> dict[str, Any]:
    """PersonView of who signed in."""
    person = verified(world, request.signature, request.sign_in)
    once(world, request.sign_in)
    keep = ("id", "name", "roles", "key_kind", "unsafe_demo")
    return {k: v for k, v in plain(person).items() if k in keep}

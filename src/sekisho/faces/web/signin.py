"""Getting in: a one-time set-up link makes a passkey, a passkey signs in. In a demo a visitor picks whom to act as.

A sign-in is a statement like any other: the desk makes it, the passkey signs its digest, `keep` checks it.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from starlette.responses import Response
from webauthn import generate_registration_options, options_to_json, verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sekisho.faces.web import i18n, pages
from sekisho.faces.web.actions import assertion, attempt
from sekisho.faces.web.desk import Json
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.visit import LANGUAGE, Visit, checked, local, with_done
from sekisho.law.canonical import digest

ATTESTATION_CHARS = 32768


async def sign_in(visit: Visit) -> Response:
    """Show a sign-in statement for any passkey of ours; sent back signed, open a session."""
    back = local(visit.request.query_params.get("next", "/"))
    if visit.request.method == "POST":
        return await signed_in(visit)
    if visit.console.settings.demo:
        return visit.page("sign_in.html", which="", answer={"digest": ""}, back=back)
    answer = checked(await visit.desk.statement("sign-in", {"nonce": secrets.token_hex(16)}))
    if digest(answer["statement"]) != answer["digest"]:
        raise Turned("digest-mismatch", digest=answer["digest"])
    which = visit.console.desktop.lay(visit.session, "sign-in", answer, back)
    return visit.page("sign_in.html", which=which, answer=answer, back=back)


async def signed_in(visit: Visit) -> Response:
    """Check the assertion with `keep`, then start a session under a new id."""
    attempt(visit)
    form = await visit.form()
    waiting = visit.console.desktop.take(visit.session, str(form.get("which", "")))
    if waiting is None or waiting.kind != "sign-in":
        raise Turned("waited-too-long")
    person = form.get("person")
    if not isinstance(person, str) or not pages.ID.match(person):
        raise Turned("bad-signature")
    answer = checked(await visit.desk.submit("sign-in", waiting.statement, assertion(person, form)))
    visit.session = visit.console.sessions.open(str(answer["person"]["id"]))
    return visit.go(waiting.back)


async def sign_out(visit: Visit) -> Response:
    await visit.form()
    visit.console.sessions.close(visit.session)
    return visit.go(with_done("/sign-in", "sign-out"))


async def act_as(visit: Visit) -> Response:
    """Demo only: become one of the people with public keys."""
    form = await visit.form()
    if not visit.console.settings.demo:
        raise Turned("not-demo")
    person = next((p for p in visit.actors if p["id"] == form.get("person")), None)
    if person is None:
        raise Turned("unknown")
    visit.console.sessions.close(visit.session)
    visit.session = visit.console.sessions.open(person["id"])
    back = local(str(form.get("back", "/")))
    return visit.go("/line" if "subscriber" in person["roles"] else "/" if back == "/line" else back)


async def language(visit: Visit) -> Response:
    """Remember the language for a year."""
    form = await visit.form()
    wanted = form.get("language")
    if wanted not in i18n.LANGUAGES:
        raise Turned("unknown")
    response = visit.go(str(form.get("back", "/")))
    year = int(timedelta(days=365).total_seconds())
    secure = visit.console.settings.secure
    response.set_cookie(LANGUAGE, str(wanted), max_age=year, path="/", httponly=True, samesite="strict", secure=secure)
    return response


async def enrol(visit: Visit) -> Response:
    """The one-time link. Opening it uses nothing up: mail scanners open links; only a registered passkey does."""
    code = pages.identifier(visit, "code")
    attempt(visit)
    answer = checked(await visit.desk.enrol_options(code))
    if visit.request.method == "POST":
        return await enrolled(visit, code)
    options = registration(visit, answer)
    challenge = str(json.loads(options)["challenge"])
    laid: Json = {"statement": {"challenge": challenge, "code": code}, "digest": ""}
    which = visit.console.desktop.lay(visit.session, "enrolment", laid, "/sign-in")
    return visit.page("enrol.html", which=which, options=options, who=answer["person"], code=code)


def registration(visit: Visit, answer: Json) -> str:
    """What the browser needs to make a passkey that can be found by name and checks its holder."""
    settings, person = visit.console.settings, answer["person"]
    options = generate_registration_options(
        rp_id=settings.rp_id,
        rp_name="Sekisho",
        user_id=str(person["id"]).encode(),
        user_name=person["id"],
        user_display_name=person["name"],
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes.fromhex(c)) for c in answer.get("exclude", [])],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


async def enrolled(visit: Visit, code: str) -> Response:
    """Parse what the authenticator made and bind its public key to the code's person."""
    form = await visit.form()
    waiting = visit.console.desktop.take(visit.session, str(form.get("which", "")))
    if waiting is None or waiting.kind != "enrolment" or waiting.statement["code"] != code:
        raise Turned("waited-too-long")
    key = parsed(visit, form.get("credential"), base64url_to_bytes(waiting.statement["challenge"]))
    checked(await visit.desk.enrol(code, key))
    return visit.go(with_done("/sign-in", "enrolment"))


def parsed(visit: Visit, raw: Any, challenge: bytes) -> Json:
    """The new key of a registration made for our challenge, origin and name. Raises Turned for anything else."""
    if not isinstance(raw, str) or not 0 < len(raw) <= ATTESTATION_CHARS:
        raise Turned("bad-signature")
    settings = visit.console.settings
    try:
        made = verify_registration_response(
            credential=raw,
            expected_challenge=challenge,
            expected_rp_id=settings.rp_id,
            expected_origin=settings.origin,
            require_user_verification=True,
        )
        response = json.loads(raw)["response"]
        client_data = base64url_to_bytes(response["clientDataJSON"])
    except (WebAuthnException, ValueError, KeyError, TypeError) as reason:
        raise Turned("bad-signature") from reason
    return {
        "public_key": made.credential_public_key.hex(),
        "credential": made.credential_id.hex(),
        "client_data": client_data.hex(),
        "attestation_object": made.attestation_object.hex(),
        "challenge": challenge.hex(),
    }

"""What went wrong, whose turn it is, and what to do next. Each code has a status, a title and a next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.faces.web.i18n import N_


@dataclass(frozen=True)
class Trouble:
    """An error page: HTTP status, what happened, what to do next."""

    status: int
    title: str
    next: str


TROUBLES = {
    "unknown-page": Trouble(404, N_("There is no such page"), N_("Check the address, or start from the overview.")),
    "unknown": Trouble(404, N_("There is no such thing here"), N_("It may have been given another id. Start from the list it was in.")),
    "signed-out": Trouble(401, N_("Please sign in first"), N_("Sign in with your passkey; then you come back to this page.")),
    "not-your-role": Trouble(
        403, N_("This is not open to your role"), N_("Ask one of the roles named below, or sign in as a person who has it.")
    ),
    "csrf": Trouble(
        403, N_("This form did not come from your session"), N_("Nothing was done. Go back, load the page again, and send the form again.")
    ),
    "host": Trouble(400, N_("This console does not answer to that name"), N_("Open it under the address it was started with.")),
    "method": Trouble(405, N_("That cannot be done to this page"), N_("Use the links and buttons of the pages.")),
    "too-large": Trouble(413, N_("That is more than a form may hold"), N_("Nothing was done. Send a digest instead of the document.")),
    "too-long": Trouble(414, N_("The address is too long"), N_("Start from the overview.")),
    "too-many": Trouble(429, N_("Too many attempts"), N_("Wait a minute, then try again.")),
    "away": Trouble(
        503,
        N_("The process “keep” does not answer"),
        N_("Nothing can be decided, signed or shown until it does. Nothing was done. See its log, then try again."),
    ),
    "form": Trouble(422, N_("Something in the form is missing or wrong"), N_("Nothing was done. Correct what is named and send it again.")),
    "invitation-over": Trouble(
        410, N_("The time to answer is over"), N_("Nothing was agreed to. If you want to agree, ask us for another invitation.")
    ),
    "no-session": Trouble(
        403, N_("The film is not open on this device"), N_("Open the page of the film and type the code of your invitation there.")
    ),
    "viewing-over": Trouble(410, N_("The viewing is over"), N_("Its last day has passed, and its key was destroyed.")),
    "no-permit": Trouble(404, N_("It is not shown now"), N_("It is not permitted yet, or no longer. Ask whoever invited you.")),
    "waited-too-long": Trouble(
        409, N_("This statement is no longer waiting"), N_("It was signed already, or ten minutes passed. Open it again and read it anew.")
    ),
    "done-already": Trouble(
        409,
        N_("What was signed here was done already"),
        N_("Nothing was done twice. To do it once more, open it again and sign once more."),
    ),
    "permit-missing": Trouble(
        409,
        N_("The gate must permit a step first"),
        N_("Propose a plan for the step that the form names, with the number of this case as its “case”. Then name its permit."),
    ),
    "permit-of-another-case": Trouble(
        409,
        N_("The permit is not for this case"),
        N_("Propose a plan for the step that the form names, with the number of this case as its “case”. Then name its permit."),
    ),
    "digest-mismatch": Trouble(
        502,
        N_("The digest does not belong to the statement shown"),
        N_("Do not sign. Nothing was done. Tell the key holder: the console and “keep” disagree."),
    ),
    "bad-signature": Trouble(403, N_("The signature does not hold"), N_("Nothing was done. Use the passkey you set up for this console.")),
    "not-demo": Trouble(404, N_("This exists only in a demo"), N_("Sign in with your own passkey.")),
    "unknown-code": Trouble(
        404, N_("No letter has this code"), N_("Type it exactly as it stands in the letter, or call the window named there.")
    ),
    "wrong-role": Trouble(
        403, N_("This is not open to your role"), N_("Ask one of the roles named below, or sign in as a person who has it.")
    ),
    "unknown-or-used-code": Trouble(
        410, N_("This set-up link no longer works"), N_("It works once, and not for long. Ask the key holder for a new one.")
    ),
    "code-too-old": Trouble(
        410, N_("This set-up link no longer works"), N_("It works once, and not for long. Ask the key holder for a new one.")
    ),
    "plan-changed-since-shown": Trouble(
        409, N_("The plan changed while you read it"), N_("Nothing was signed. Open it again and read what is new.")
    ),
    "proposer-never-approves": Trouble(
        403, N_("Whoever proposes a plan never approves it"), N_("Nothing was done. Another reviewer must sign.")
    ),
    "proposer-never-vouches": Trouble(
        403, N_("Whoever proposes a plan never vouches for its evidence"), N_("Nothing was done. Another person must lay it in.")
    ),
    "not-a-look": Trouble(409, N_("Under this permit nothing is looked at"), N_("Nothing was done. It permits another kind of step.")),
    "already-approved": Trouble(409, N_("You have signed this plan as it stands"), N_("There is nothing more to sign here.")),
    "withdrawn": Trouble(409, N_("The permit was withdrawn"), N_("Nothing was done. A new plan can be proposed.")),
    "ended": Trouble(409, N_("The permit has ended"), N_("Nothing was done. A new plan can be proposed.")),
    "clock-jumped": Trouble(
        409, N_("The clock jumped"), N_("Nothing is permitted until an engineer has checked the time of this machine.")
    ),
    "nobody-waits": Trouble(409, N_("Nobody waits any more"), N_("Every mail of it has left, or was left out. Nothing was done.")),
    "not-on-the-list": Trouble(409, N_("This address is not among its recipients"), N_("Nothing was done. Look for a slip in typing.")),
    "too-late": Trouble(409, N_("Too late"), N_("The mail to this address has left, or may have. Nothing was done.")),
    "refused": Trouble(409, N_("“keep” refused this"), N_("Nothing was done. The reason is named below.")),
    "broken": Trouble(500, N_("The console made a mistake"), N_("Nothing was signed. Tell the engineers the time and what you did.")),
}


class Turned(Exception):
    """Ends a request with the page of a trouble. `detail` is shown beside it: plain values, never from a stranger unescaped."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    @property
    def trouble(self) -> Trouble:
        known = TROUBLES.get(self.code)
        if known is None and self.code.startswith(("unknown-", "no-such-")):
            return TROUBLES["unknown"]
        return known or TROUBLES["refused"]

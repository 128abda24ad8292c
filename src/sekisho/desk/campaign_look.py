"""A campaign looked over before anybody approves it: its texts as they stand, and the very bytes they make, in each language."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from sekisho.effects.linter import Allowed, Fault, look
from sekisho.effects.message import PLACE, Own, compose, filled, message_id
from sekisho.effects.order import DIRECTIONS, UNSEEN, Unsendable
from sekisho.law.campaign import INVITES, OWN_FIELDS, Campaign, Recipient, Text
from sekisho.law.canonical import canonical
from sekisho.law.reading import read

CHECK, STOP, AGREE, WATCH = "/mail/check", "/mail/stop", "/agree", "/watch"
NOBODY = Recipient("somebody@recipient.invalid", "Somebody", "", "")
"""Whom a campaign is written to while it is looked over: an address that can be nobody's (RFC 2606)."""
LONGEST_VALUE = 200
SHORTEST_NAME = 4
IN_LINK = re.compile(r"https?://[^\s<>\"']*\{\{([a-z][a-z0-9_]*)\}\}")
NEEDED: Mapping[str, str] = MappingProxyType({"check_code": "no-check", "stop_url": "no-unsubscribe"})
"""What every text says, and what is found where it does not."""
LINKS = frozenset({"check_url", "stop_url", "invite_url"})


def own(said: Campaign, url: str, name: str, leaf: bytes, person: Recipient, codes: tuple[str, str], invited: str = "") -> Own:
    """What is this recipient's own in their mail. `url`: where our pages are; `codes`: to check the mail, to stop all mail; `invited`: the
    code of an invitation, which its one link, the same for all, does not hold."""
    values = {
        **person.fields,
        "name": person.name,
        "check_url": url.rstrip("/") + CHECK,
        "check_code": codes[0],
        "stop_url": f"{url.rstrip('/')}{STOP}?code={codes[1]}",
    }
    if said.invites:
        page = f"{WATCH}/{said.viewing}" if said.viewing else f"{AGREE}/{name}"
        values |= {"invite_url": url.rstrip("/") + page, "invite_code": invited}
    return Own(person.mail, person.name, person.language, message_id(name, leaf, said.sender), values["stop_url"], values)


def allowed(said: Campaign, url: str, mail: str) -> Allowed:
    """What a mail of this campaign to this address may hold. Our own pages are always among the hosts."""
    return Allowed(mail, frozenset({said.sender, said.reply_desk}), frozenset({*said.hosts, pages(url)}), url.rstrip("/") + CHECK)


def pages(url: str) -> str:
    """The host of our own pages, with its port where it has one."""
    return url.partition("://")[2].partition("/")[0].lower()


def look_over(said: Campaign, url: str) -> tuple[Fault, ...]:
    """Every fault, each with where it is; empty if it may be laid before an approver."""
    return _looked_over(canonical(said), url)


@lru_cache(maxsize=8)
def _looked_over(body: bytes, url: str) -> tuple[Fault, ...]:
    said = read(Campaign, json.loads(body))
    found: list[Fault] = []
    for language, text in said.texts.items():
        found += _places(said, text, language)
        person = Recipient(NOBODY.mail, NOBODY.name, language, "", dict.fromkeys(said.fields, "x"))
        try:
            raw = compose(said, own(said, url, "campaign", bytes(32), person, ("AAAA-AAAA-AAAA-AAAA", "A" * 24), "0000 0000 0000"))
        except (Unsendable, ValueError) as why:
            found.append(Fault(getattr(why, "code", "attachment"), f"text {language}"))
            continue
        found += [Fault(f.code, f"{language}: {f.where}", f.what) for f in look(raw, allowed(said, url, NOBODY.mail))]
    return tuple(found)


def _places(said: Campaign, text: Text, language: str) -> Iterator[Fault]:
    """Words to fill in: known ones only, none that makes a link one person's own, and the code by which the mail is checked."""
    for part, template in (("subject", text.subject), ("plain", text.plain), ("html", text.html)):
        where = f"{language}: {part}"
        unknown = set(PLACE.findall(template)) - OWN_FIELDS - (INVITES if said.invites else set()) - set(said.fields)
        yield from (Fault("unknown-field", where, name) for name in sorted(unknown))
        yield from (Fault("personal-link", where, name) for name in IN_LINK.findall(template) if name not in LINKS)
        if _unseen(template, "\n\r\t" if part != "subject" else ""):
            yield Fault("header-injection" if part == "subject" else "unseen-characters", where)
    for needed, missing in (*NEEDED.items(), *(dict.fromkeys(sorted(INVITES), "no-invitation").items() if said.invites else ())):
        if f"{{{{{needed}}}}}" not in text.plain:
            yield Fault(missing, f"{language}: plain", f"{{{{{needed}}}}}")


def _unseen(text: str, may: str) -> bool:
    return any((unicodedata.category(c) in UNSEEN and c not in may) or unicodedata.bidirectional(c) in DIRECTIONS for c in text)


def arrives(said: Campaign, url: str) -> Mapping[str, Mapping[str, str]]:
    """{language: {"subject", "plain", "html"}}: the texts as they arrive, with ‹field› where each person has their own."""
    found = {}
    for language, text in said.texts.items():
        person = Recipient(NOBODY.mail, "‹name›", language, "", {f: f"‹{f}›" for f in said.fields})
        values = own(said, url, "campaign", bytes(32), person, ("XXXX-XXXX-XXXX-XXXX", "…")).values
        html = filled(text.html, values, in_html=True) if text.html else ""
        found[language] = {"subject": filled(text.subject, values), "plain": filled(text.plain, values), "html": html}
    return found


def wrong_values(person: Recipient) -> tuple[str, ...]:
    """Fields of a recipient that cannot stand in a mail: too long, more than one line, unseen characters, an address or a link."""
    found = []
    for name, value in {"name": person.name, **person.fields}.items():
        bad = len(value) > LONGEST_VALUE or _unseen(value, "") or "://" in value or "{{" in value
        if bad or "@" in unicodedata.normalize("NFKC", value):
            found.append(name)
    return tuple(found)


def others_named(said: Campaign, people: Iterable[Recipient]) -> tuple[Fault, ...]:
    """Where the campaign itself names one of its recipients: by full name, in a text or in a file that reads as text."""
    names = {p.name.strip() for p in people if len(p.name.strip()) >= SHORTEST_NAME}
    found = []
    for where, text in _all_texts(said).items():
        for number, line in enumerate(text.split("\n"), 1):
            found += [Fault("other-person", f"{where} line {number}", f"{n[:1]}…") for n in names if n in line]
    return tuple(found)


def every_fault(said: Campaign, people: Iterable[Recipient], url: str) -> list[Mapping[str, str]]:
    """Both looks, for whoever is to change something: code, where, what."""
    return [{"code": f.code, "where": f.where, "what": f.what} for f in (*look_over(said, url), *others_named(said, people))]


def looked_at(raw: bytes, mail: str, ours: str, url: str) -> list[Mapping[str, str]]:
    """The same look at the bytes of a mail that somebody else made, as if it were to go out from `ours` to `mail`: code, where, what."""
    found = look(raw, Allowed(mail, frozenset({ours}), frozenset({pages(url)}), url.rstrip("/") + CHECK))
    return [{"code": f.code, "where": f.where, "what": f.what} for f in found]


def _all_texts(said: Campaign) -> Mapping[str, str]:
    texts = {f"{language}: {part}": str(getattr(t, part)) for language, t in said.texts.items() for part in ("subject", "plain", "html")}
    for file in said.attachments:
        if file.media.startswith("text/"):
            texts[f"file {file.name}"] = base64.b64decode(file.content).decode("utf-8", "replace")
    return texts

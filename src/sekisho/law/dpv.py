"""A consent record as ISO/IEC TS 27560 asks for it, written in the words of the W3C Data Privacy Vocabulary (JSON-LD).

Profile `dpv-27560`. The context travels inside, so that nothing needs to be fetched to read it. DPV knows no secrecy of
communications: our own terms `sekisho:` extend `dpv:LegalBasis`, `dpv:PersonalData` and `dpv:Processing`, and are defined in
the document that uses them. What was *shown* is part of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sekisho.law.canonical import plain
from sekisho.law.consent import ConsentRecord, Happened, Reach
from sekisho.law.words import Act, Element, Ground, Words

Json = dict[str, Any]
SCHEMA_VERSION = "ISO/IEC TS 27560:2023"
PROFILE = "https://w3id.org/dpv/schema/dpv-27560#"
CONTEXT: Mapping[str, str] = MappingProxyType(
    {
        "dpv": "https://w3id.org/dpv#",
        "dct": "http://purl.org/dc/terms/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "sekisho": "urn:sekisho:terms:",
    }
)
STATUS: Mapping[Happened, str] = MappingProxyType(
    {
        Happened.GIVEN: "dpv:ConsentGiven",
        Happened.REFUSED: "dpv:ConsentRefused",
        Happened.WITHDRAWN: "dpv:ConsentWithdrawn",
        Happened.EXPIRED: "dpv:ConsentExpired",
        Happened.NOTICE_CHANGED: "dpv:ConsentInvalidated",
        Happened.REPLACED: "dpv:ConsentInvalidated",
    }
)
UNKNOWN = "dpv:ConsentUnknown"
LAWFUL = (
    Ground.CONSENT,
    Ground.TERMS,
    Ground.DEFAULT_ON,
    Ground.BUSINESS,
    Ground.SELF_DEFENCE,
    Ground.NECESSITY,
    Ground.STATUTE,
)
"""Grounds that carry a step: each is a legal basis. The others say that nothing is asked, or that nothing carries."""


@dataclass(frozen=True)
class Setting:
    """What the record of one consent does not say itself: the controller, where data lie, whom to turn to.

    `jurisdiction` is an ISO 3166 code; `rights` and `withdraw` are addresses; `ended_kept_days`: how long a record stays
    after the consent is over.
    """

    controller: str
    contact: str
    jurisdiction: str
    storage: str
    rights: str
    withdraw: str
    ended_kept_days: int


def record(said: ConsentRecord, shown: str, setting: Setting, now: datetime) -> Json:
    """The record as JSON-LD: header, processing, parties, events, and the terms it uses. `shown` is the notice's own text."""
    return {"@context": dict(CONTEXT), "@graph": [_node(said, shown, setting, now, "record"), *_terms(said)]}


def receipt(said: ConsentRecord, shown: str, setting: Setting, now: datetime, ledger: Json) -> Json:
    """What the person concerned gets: the record itself, from where it was typed, its place in the ledger, and how to withdraw."""
    node = _node(said, shown, setting, now, "receipt")
    node |= {"@type": "dpv:ConsentReceipt", "@id": f"urn:sekisho:receipt:{said.id}", "sekisho:ofRecord": _id(f"urn:sekisho:{said.id}")}
    node["sekisho:ledger"] = ledger
    if said.sender is not None:
        node["sekisho:sender"] = {"sekisho:address": said.sender.address, "sekisho:port": said.sender.port}
    return {"@context": dict(CONTEXT), "@graph": [node, *_terms(said)]}


def several(each: Iterable[Json]) -> Json:
    """Many records in one document; every term is defined once."""
    nodes: dict[str, Json] = {}
    for document in each:
        nodes |= {node["@id"]: node for node in document["@graph"]}
    return {"@context": dict(CONTEXT), "@graph": list(nodes.values())}


def vocabulary(words: Mapping[str, Words]) -> Json:
    """Every term of ours, to be read by others: grounds, elements of communication, acts. `words`: a term's labels by language."""
    nodes = [*map(_ground, LAWFUL), *map(_element, Element), *map(_act, Act)]
    return {"@context": dict(CONTEXT), "@graph": [n | {"skos:prefLabel": _labels(words[n["@id"]])} for n in nodes]}


def _node(said: ConsentRecord, shown: str, setting: Setting, now: datetime, kind: str) -> Json:
    return {**_header(said, setting, kind), **_processing(said, shown, setting), **_parties(said, setting), **_events(said, now)}


def _header(said: ConsentRecord, setting: Setting, kind: str) -> Json:
    return {
        "@id": f"urn:sekisho:{said.id}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": _id(f"{PROFILE}{kind}"),
        "dct:hasVersion": SCHEMA_VERSION,
        "dct:identifier": said.id,
        "dpv:hasJurisdiction": setting.jurisdiction,
        "sekisho:rightsAccess": _id(setting.rights),
        "sekisho:withdrawAt": _id(setting.withdraw),
    }


def _processing(said: ConsentRecord, shown: str, setting: Setting) -> Json:
    notice = {
        "@id": f"urn:sekisho:notice:{said.notice.digest}",
        "@type": "dpv:ConsentNotice",
        "dct:identifier": said.notice.id,
        "dct:hasVersion": said.notice.version,
        "dct:language": said.notice.language,
        "sekisho:sha256": said.notice.digest,
        "sekisho:shown": shown,
    }
    return {
        "dpv:hasNotice": notice,
        "dct:language": said.notice.language,
        "dpv:hasPurpose": [{"@type": "dpv:Purpose", "dct:identifier": p} for p in sorted(said.purposes)],
        "dpv:hasLegalBasis": [_id("dpv:Consent"), _id(f"sekisho:{_basis(said).value}")],
        "dpv:hasPersonalData": [_id(f"sekisho:element-{e.value}") for e in sorted(said.elements)],
        "dpv:hasProcessing": [_id(f"sekisho:act-{a.value}") for a in sorted(said.acts)],
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageCondition",
            "dpv:hasLocation": setting.storage,
            "dpv:hasDuration": _duration(said.days),
            "sekisho:recordKeptAfterEnd": _duration(setting.ended_kept_days),
        },
        "sekisho:way": said.way.value,
        "sekisho:reach": said.reach.value,
        "sekisho:sides": sorted(said.sides),
        "sekisho:defaultOff": said.default_off,
        "sekisho:refusalFree": said.refusal_free,
        "sekisho:withdrawable": said.withdrawable,
        **{f"sekisho:{n}": _id(f"urn:sekisho:evidence:{d}") for n, d in _standing_on(said) if d},
        **({"sekisho:typedCode": said.code, "sekisho:askedBy": said.asked, "sekisho:level": said.level} if said.code else {}),
    }


def _basis(said: ConsentRecord) -> Ground:
    return Ground.CONSENT if said.reach is Reach.INDIVIDUAL else Ground.TERMS


def _standing_on(said: ConsentRecord) -> Sequence[tuple[str, str]]:
    return (("switchTest", said.switch_test), ("parity", said.parity), ("survey", said.survey))


def _parties(said: ConsentRecord, setting: Setting) -> Json:
    return {
        "dpv:hasDataSubject": {
            "@id": f"urn:sekisho:principal:{said.principal}",
            "@type": "dpv:DataSubject",
            "sekisho:party": said.party.value,
        },
        "dpv:hasDataController": {"@type": "dpv:DataController", "dpv:hasName": setting.controller, "dpv:hasContact": setting.contact},
        "dpv:hasRecipient": [{"@type": "dpv:Recipient", "dct:identifier": a} for a in sorted(said.audience)],
    }


def _events(said: ConsentRecord, now: datetime) -> Json:
    state = said.state(now)
    return {
        "dpv:hasConsentStatus": _id(STATUS[state] if state else UNKNOWN),
        "dct:hasPart": [
            {
                "@id": f"urn:sekisho:{said.id}:event:{number}",
                "@type": STATUS[event.what],
                "sekisho:state": event.what.value,
                "dct:date": {"@type": "xsd:dateTime", "@value": plain(event.at)},
                "dpv:hasEntity": event.by,
                **({"sekisho:until": {"@type": "xsd:dateTime", "@value": plain(said.until)}} if event.what is Happened.GIVEN else {}),
            }
            for number, event in enumerate(said.events, 1)
        ],
    }


def _terms(said: ConsentRecord) -> list[Json]:
    return [_ground(_basis(said)), *map(_element, sorted(said.elements)), *map(_act, sorted(said.acts))]


def _ground(ground: Ground) -> Json:
    return _term(f"sekisho:{ground.value}", "dpv:LegalBasis")


def _element(element: Element) -> Json:
    return _term(f"sekisho:element-{element.value}", "dpv:PersonalData")


def _act(act: Act) -> Json:
    return _term(f"sekisho:act-{act.value}", "dpv:Processing")


def _term(name: str, under: str) -> Json:
    return {"@id": name, "@type": ["rdfs:Class", "skos:Concept"], "rdfs:subClassOf": _id(under)}


def _labels(words: Words) -> list[Json]:
    return [{"@language": language, "@value": text} for language, text in sorted(words.items())]


def _id(name: str) -> Json:
    return {"@id": name}


def _duration(days: int) -> Json:
    return {"@type": "xsd:duration", "@value": f"P{days}D"}

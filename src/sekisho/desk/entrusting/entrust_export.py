"""The register of entrustments for others: JSON-LD in the words of the W3C Data Privacy Vocabulary, and CSV for a spreadsheet.

DPV has no word for our ladder, for who may hand on, or for the proof of erasure: our own terms `sekisho:` stand beside its words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sekisho.desk.posts.transparency import harmless
from sekisho.law.dpv import CONTEXT
from sekisho.law.entrustment import FieldClass, Status

Json = dict[str, Any]
STATUS: Mapping[str, str] = MappingProxyType({
    Status.DRAFT.value: "dpv:ActivityProposed",
    Status.NOT_YET.value: "dpv:ActivityProposed",
    Status.IN_FORCE.value: "dpv:ActivityOngoing",
    Status.SUSPENDED.value: "dpv:ActivityHalted",
    Status.OVER.value: "dpv:ActivityCompleted",
    Status.ENDED.value: "dpv:ActivityCompleted",
    Status.RETURNED.value: "dpv:ActivityCompleted",
})  # fmt: skip
DATA: Mapping[str, str] = MappingProxyType({
    FieldClass.ORDINARY.value: "dpv:PersonalData",
    FieldClass.CONTACT.value: "dpv:PersonalData",
    FieldClass.FINANCIAL.value: "dpv:SensitivePersonalData",
    FieldClass.HEALTH.value: "dpv:SpecialCategoryPersonalData",
    FieldClass.SENSITIVE.value: "dpv:SpecialCategoryPersonalData",
})  # fmt: skip
COLUMNS = (
    *("id", "parent", "depth", "status", "chain", "party", "contact", "purpose", "ground", "fields", "special", "consent", "persons"),
    *("actions", "places", "since", "until", "return_days", "return_due", "again", "agreed", "contract", "report_hours"),
    *("rung", "reason", "answers", "permits", "ledger"),
)


def json_ld(register: Json) -> Json:
    """The whole register as one document: a processing activity for each row, with its agreement and who holds the data."""
    return {"@context": dict(CONTEXT), "@graph": [_node(register, row) for row in register["entrustments"]]}


def _node(register: Json, row: Json) -> Json:
    said, below = row["entrustment"], row["depth"] > 0
    controller = {"dpv:hasName": register["operator"], "dpv:hasContact": register["contact"]}
    return {
        "@id": _urn(row["id"]),
        "@type": "dpv:Process",
        "dct:identifier": row["id"],
        **({"dct:isPartOf": {"@id": _urn(said["parent"])}} if below else {}),
        "dpv:hasActivityStatus": {"@id": STATUS[row["status"]]},
        "sekisho:status": row["status"],
        "sekisho:statusAbove": row["chain"],
        "dpv:hasDataController": {"@type": "dpv:DataController", **controller},
        "dpv:hasDataProcessor": {
            "@type": "dpv:DataSubProcessor" if below else "dpv:DataProcessor",
            "dpv:hasName": said["party"],
            "dpv:hasContact": said["contact"],
        },
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:identifier": said["purpose"]},
        "dpv:hasLegalBasis": {"@type": "dpv:LegalBasis", "dct:identifier": said["ground"]},
        "dpv:hasPersonalData": [{"@type": DATA[c], "dct:identifier": f, "sekisho:class": c} for f, c in sorted(said["fields"].items())],
        "dpv:hasProcessing": [{"@type": "dpv:Processing", "dct:identifier": a} for a in sorted(said["actions"])],
        "dpv:hasLocation": sorted(said["places"]),
        "dpv:hasOrganisationalMeasure": _agreement(row),
        "dpv:hasStorageCondition": _term(row),
        "sekisho:persons": said["persons"],
        "sekisho:rung": said["rung"],
        "sekisho:reasonForRung": said["reason"],
        "sekisho:incidentWithin": {"@type": "xsd:duration", "@value": f"PT{said['report_hours']}H"},
        "sekisho:answers": row["name"],
        "dct:hasPart": [_moved(m) for m in row["moves"]],
    }


def _agreement(row: Json) -> Json:
    said = row["entrustment"]
    return {
        "@type": "dpv:SubProcessorAgreement" if row["depth"] else "dpv:ControllerProcessorAgreement",
        "sekisho:sha256": said["contract"],
        "sekisho:mayHandOn": said["again"],
        "sekisho:agreed": row["agreed"],
        **({"sekisho:consentText": said["consent"]} if said["consent"] else {}),
    }


def _term(row: Json) -> Json:
    said = row["entrustment"]
    due = {"sekisho:returnDue": _day(row["return_due"])} if row["return_due"] else {}
    return {"@type": "dpv:StorageCondition", "sekisho:since": _day(said["since"]), "sekisho:until": _day(said["until"]), **due}


def _moved(move: Json) -> Json:
    at = {"dct:date": {"@type": "xsd:dateTime", "@value": move["at"]}} if move["at"] else {}
    proof = {"sekisho:sha256": move["proof"]} if move["proof"] else {}
    return {"sekisho:move": move["what"], "dpv:hasEntity": move["name"], "sekisho:reason": move["reason"], **at, **proof}


def _day(day: str) -> Json:
    return {"@type": "xsd:date", "@value": day}


def _urn(identity: str) -> str:
    return f"urn:sekisho:{identity}"


def csv_of(register: Json) -> str:
    """One line for each row, the one above before those below it. No cell begins as a formula does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in register["entrustments"]:
        told = {**row["entrustment"], **row, "answers": row["name"], "ledger": row["entry"]}
        writer.writerow([harmless(_cell(told[c])) for c in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{k}={v}" for k, v in sorted(value.items()))
    if isinstance(value, list | tuple):
        return " ".join(str(v) for v in value)
    return "" if value is None else str(value)

"""A consent record taken away is a whole ISO/IEC TS 27560 record that needs nothing fetched to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sekisho.faces.words.terms import TERMS
from sekisho.law import dpv
from sekisho.law.consent import ConsentRecord, Event, Happened, Reach
from sekisho.law.words import Act, Element, Ground
from tests.law.test_consent import GIVEN, LATER, RECORD

SETTING = dpv.Setting("Example Networks", "03-0000-0000", "JP", "JP", "https://isp.example/rights", "https://isp.example/consent", 365)
SHOWN = "会場のDNSの名前を掲示板に表示します。"
MANDATORY = {
    "schema version": "dct:hasVersion",
    "record id": "dct:identifier",
    "principal id": "dpv:hasDataSubject",
    "privacy notice": "dpv:hasNotice",
    "language": "dct:language",
    "purpose": "dpv:hasPurpose",
    "lawful basis": "dpv:hasLegalBasis",
    "pii information": "dpv:hasPersonalData",
    "processing method": "dpv:hasProcessing",
    "controllers": "dpv:hasDataController",
    "recipients": "dpv:hasRecipient",
    "storage and retention": "dpv:hasStorageCondition",
    "jurisdiction": "dpv:hasJurisdiction",
    "state": "dpv:hasConsentStatus",
    "events": "dct:hasPart",
    "where rights are exercised": "sekisho:rightsAccess",
    "where to withdraw": "sekisho:withdrawAt",
}


def node(said: ConsentRecord = RECORD, now: Any = LATER) -> dict[str, Any]:
    return dict(dpv.record(said, SHOWN, SETTING, now)["@graph"][0])


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key and every value of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


@pytest.mark.parametrize("field", MANDATORY.values(), ids=MANDATORY)
def test_every_field_the_standard_asks_for_is_there_and_says_something(field: str) -> None:
    assert node()[field] not in (None, "", [], {})


def test_it_says_which_profile_it_follows() -> None:
    assert node()["dct:conformsTo"] == {"@id": f"{dpv.PROFILE}record"}
    assert node()["dct:hasVersion"] == "ISO/IEC TS 27560:2023"


def test_what_was_shown_stands_in_it() -> None:
    """Not only what was clicked: text, version, language and digest."""
    notice = node()["dpv:hasNotice"]
    assert notice["sekisho:shown"] == SHOWN
    assert (notice["dct:identifier"], notice["dct:hasVersion"], notice["dct:language"]) == ("board-notice", "3", "ja")
    assert notice["sekisho:sha256"] == RECORD.notice.digest


def test_every_prefix_is_in_the_context_that_travels_with_it() -> None:
    """Nothing needs to be fetched: each key and type is an own keyword or of a prefix the document itself explains."""
    for document in (dpv.record(RECORD, SHOWN, SETTING, LATER), dpv.vocabulary(TERMS)):
        prefixes = set(document["@context"])
        assert all(isinstance(v, str) for v in document["@context"].values())
        for key, _ in walk(document["@graph"]):
            assert key.startswith("@") or key.partition(":")[0] in prefixes, key


def test_every_term_of_ours_that_is_used_is_defined_in_the_same_document() -> None:
    """A class of its own, under one of the vocabulary's."""
    document = dpv.record(replace(RECORD, acts=frozenset(Act), elements=frozenset(Element)), SHOWN, SETTING, LATER)
    used = {v for k, v in walk(document["@graph"][0]) if k == "@id" and str(v).startswith("sekisho:")}
    defined = {n["@id"]: n for n in document["@graph"][1:]}
    assert used == set(defined)
    assert len(used) == len(Act) + len(Element) + 1
    for term in defined.values():
        assert term["rdfs:subClassOf"]["@id"] in ("dpv:LegalBasis", "dpv:PersonalData", "dpv:Processing")


def test_individual_consent_is_the_ground_of_the_secrecy_of_communications() -> None:
    """And prior agreement by terms never reads as it."""
    assert {"@id": "sekisho:G1"} in node()["dpv:hasLegalBasis"]
    blanket = node(replace(RECORD, reach=Reach.BLANKET))["dpv:hasLegalBasis"]
    assert {"@id": "sekisho:G2"} in blanket
    assert {"@id": "sekisho:G1"} not in blanket


@pytest.mark.parametrize("what", list(Happened))
def test_whatever_happened_last_is_the_status(what: Happened) -> None:
    said = replace(RECORD, events=(*RECORD.events, Event(what, GIVEN + timedelta(minutes=1), "attendee")))
    assert node(said)["dpv:hasConsentStatus"] == {"@id": dpv.STATUS[what]}
    assert [e["sekisho:state"] for e in node(said)["dct:hasPart"]] == ["given", what.value]


def test_a_term_that_is_over_shows_without_anybody_writing_it_down() -> None:
    assert node(now=RECORD.until)["dpv:hasConsentStatus"] == {"@id": "dpv:ConsentExpired"}
    assert node(replace(RECORD, events=()))["dpv:hasConsentStatus"] == {"@id": "dpv:ConsentUnknown"}


def test_each_event_says_when_and_who_and_a_yes_says_until_when() -> None:
    (given,) = node()["dct:hasPart"]
    assert given["dct:date"] == {"@type": "xsd:dateTime", "@value": "2026-11-01T09:00:00.000000Z"}
    assert given["sekisho:until"]["@value"] == "2026-11-03T09:00:00.000000Z"
    assert given["dpv:hasEntity"] == "attendee"


def test_what_the_consent_stands_on_beside_the_answer_is_named_by_digest() -> None:
    said = node(replace(RECORD, switch_test="a" * 64, survey="b" * 64))
    assert said["sekisho:switchTest"] == {"@id": f"urn:sekisho:evidence:{'a' * 64}"}
    assert "sekisho:survey" in said
    assert "sekisho:parity" not in said


def test_a_receipt_points_at_its_record_and_its_place_in_the_ledger() -> None:
    ledger = {"sekisho:origin": "sekisho.ledger/0", "sekisho:entries": [7, 9]}
    receipt = dpv.receipt(RECORD, SHOWN, SETTING, LATER, ledger)["@graph"][0]
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert receipt["dct:conformsTo"]["@id"].endswith("#receipt")
    assert receipt["sekisho:ofRecord"] == {"@id": f"urn:sekisho:{RECORD.id}"}
    assert receipt["@id"] != receipt["sekisho:ofRecord"]["@id"]
    assert receipt["sekisho:ledger"] == ledger


def test_many_records_are_one_document_and_define_each_term_once() -> None:
    other = replace(RECORD, id="consent-0000000000000001", elements=frozenset({Element.COUNT}))
    document = dpv.several(dpv.record(said, SHOWN, SETTING, LATER) for said in (RECORD, other, RECORD))
    names = [n["@id"] for n in document["@graph"]]
    assert len(names) == len(set(names))
    assert sum(n["@type"] == "dpv:ConsentRecord" for n in document["@graph"]) == 2
    assert dpv.several([]) == {"@context": dict(dpv.CONTEXT), "@graph": []}


def test_the_vocabulary_knows_every_word_of_the_law() -> None:
    nodes = dpv.vocabulary(TERMS)["@graph"]
    names = {n["@id"] for n in nodes}
    assert names == set(TERMS), "no label is missing, none is left over"
    assert all({label["@language"] for label in n["skos:prefLabel"]} == {"ja", "en"} for n in nodes)
    assert {f"sekisho:element-{e.value}" for e in Element} <= names
    assert {f"sekisho:act-{a.value}" for a in Act} <= names
    lawful = set(Ground) - {Ground.NOT_SECRECY, Ground.RULE, Ground.NONE}
    assert {n for n in names if "-" not in n.partition(":")[2] or n == "sekisho:G2-5"} == {f"sekisho:{g.value}" for g in lawful}


def test_it_is_json_and_nothing_else() -> None:
    text = json.dumps(dpv.record(RECORD, SHOWN, SETTING, LATER), ensure_ascii=False)
    assert json.loads(text)["@graph"][0]["dpv:hasNotice"]["sekisho:shown"] == SHOWN

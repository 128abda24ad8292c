"""The register for others: JSON-LD in DPV's words, CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from sekisho.desk.entrusting.entrust_export import COLUMNS, DATA, STATUS, csv_of, json_ld
from sekisho.law.entrustment import FieldClass, Status
from tests.conftest import ROOT

REGISTER: dict[str, Any] = json.loads((ROOT / "tests" / "faces" / "web" / "recorded" / "entrustments.json").read_text(encoding="utf-8"))


def node(party: str, register: dict[str, Any] | None = None) -> dict[str, Any]:
    return next(n for n in json_ld(register or REGISTER)["@graph"] if n["dpv:hasDataProcessor"]["dpv:hasName"] == party)


def changed(**said: Any) -> dict[str, Any]:
    """The register with the agency's words changed."""
    found: dict[str, Any] = json.loads(json.dumps(REGISTER))
    next(r for r in found["entrustments"] if r["entrustment"]["party"] == "Sakura Agency")["entrustment"] |= said
    return found


def test_every_row_is_a_process_with_its_parties_its_agreement_and_its_state() -> None:
    agency = node("Sakura Agency")
    assert agency["dpv:hasDataController"]["dpv:hasName"] == "Example Networks"
    assert agency["dpv:hasActivityStatus"] == {"@id": "dpv:ActivityOngoing"}
    assert agency["dpv:hasOrganisationalMeasure"]["@type"] == "dpv:ControllerProcessorAgreement"
    assert agency["dpv:hasLegalBasis"]["dct:identifier"] == "jp/E-02/1"
    assert len(json_ld(REGISTER)["@graph"]) == len(REGISTER["entrustments"])


def test_a_sub_contractor_is_one_and_points_at_the_row_above_it() -> None:
    below = node("Echizen Printing")
    assert below["dpv:hasDataProcessor"]["@type"] == "dpv:DataSubProcessor"
    assert below["dct:isPartOf"]["@id"] == node("Sakura Agency")["@id"]
    assert "dct:isPartOf" not in node("Sakura Agency")


def test_health_data_are_of_a_special_category_and_name_the_text_people_agreed_to() -> None:
    agency = node("Sakura Agency")
    kinds = {d["dct:identifier"]: d["@type"] for d in agency["dpv:hasPersonalData"]}
    assert kinds == {"allergy": "dpv:SpecialCategoryPersonalData", "mail": "dpv:PersonalData", "name": "dpv:PersonalData"}
    assert len(agency["dpv:hasOrganisationalMeasure"]["sekisho:consentText"]) == 64
    assert "sekisho:consentText" not in node("Echizen Printing")["dpv:hasOrganisationalMeasure"]


def test_every_term_is_of_a_vocabulary_the_document_names() -> None:
    """Nothing needs to be fetched to read it, and no word is made up under another's name."""
    document = json_ld(REGISTER)

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {k for v in value.values() for k in keys(v)}
        return {k for v in value for k in keys(v)} if isinstance(value, list) else set()

    prefixes = {k.split(":")[0] for k in keys(document["@graph"]) if not k.startswith("@")}
    assert prefixes <= set(document["@context"])


def test_every_status_and_every_class_of_field_has_its_word() -> None:
    assert set(STATUS) == {s.value for s in Status}
    assert set(DATA) == {c.value for c in FieldClass}


def test_the_csv_has_one_line_for_each_row_and_reads_back() -> None:
    lines = list(csv.DictReader(io.StringIO(csv_of(REGISTER))))
    assert [x["id"] for x in lines] == [r["id"] for r in REGISTER["entrustments"]]
    agency = next(x for x in lines if x["party"] == "Sakura Agency")
    assert (agency["fields"], agency["special"], agency["persons"]) == ("allergy=health mail=contact name=ordinary", "allergy", "5000")
    assert (agency["actions"], agency["answers"]) == ("erase send-mail store", "desk")
    assert set(agency) == set(COLUMNS)


def test_no_cell_is_a_formula_whatever_a_firm_calls_itself() -> None:
    for name in ("=cmd|' /C calc'!A1", "+81-776-00-0000", "-1", "@SUM(A1)", "\tx", "\r=1"):
        lines = list(csv.reader(io.StringIO(csv_of(changed(party=name, contact=name, reason=name)))))
        assert not [c for line in lines for c in line if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert any(name in c for line in lines for c in line)


def test_names_in_japanese_stay_whole_in_both() -> None:
    register = changed(party="さくら代理店, 株式会社")
    assert node("さくら代理店, 株式会社", register)
    assert "さくら代理店, 株式会社" in {x["party"] for x in csv.DictReader(io.StringIO(csv_of(register)))}

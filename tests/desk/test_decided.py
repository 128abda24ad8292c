"""What a report counts and what a statement of reasons says, worked out from real cases; and letters as drafted, masked and on paper."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pypdf import PdfReader

from sekisho.desk.cases import letter_paper
from sekisho.desk.cases.letter_show import CONTEXT, WORDS
from sekisho.desk.outside import KeepSaidNo
from sekisho.effects import letter
from sekisho.law.canonical import canonical, digest
from tests.conftest import ROOT
from tests.desk.caseload import CLAIM, SHOWN, Caseload
from tests.desk.office import Office

HIDDEN = ("見本 花子", "見本花子", "花子", "hanako@example.jp", "hanako", "見本町")
TOLD = {
    **CLAIM,
    "claimant": "見本 花子",
    "claimant_contact": "hanako@example.jp",
    "claimant_address": "〒420-0000\n静岡県静岡市葵区見本町1-2-3",
    "tell_name": False,
    "arrived_by": "fax",
}
NAMING = {**SHOWN, "reason": "見本 花子の住所は見本町1-2-3ではなく、連絡先は hanako@example.jp である。"}


class Worked:
    """One claim walked to removal, one own finding kept: read by every test of this file."""

    def __init__(self, office: Office) -> None:
        self.load = load = Caseload(office)
        self.claim = load.open("deletion-inquiry", TOLD)
        load.attach(self.claim, "claim")
        load.move(self.claim, "acknowledge", who="desk")
        load.move(self.claim, "complete", NAMING, who="desk")
        load.move(self.claim, "draft", who="desk")
        load.move(self.claim, "sent", {"sent_on": load.today()}, who="desk")
        load.attach(self.claim, "receipt-proof")
        load.move(self.claim, "received-by-sender", {"sender_received_on": load.today()}, who="desk")
        office.watch.wind(days=8)
        load.move(self.claim, "silence")
        reason = {"decision_reason": "見本 花子の名誉を害し、異議もない。", "why_not_less": "転載された。"}
        load.move(self.claim, "remove", {"what_removed": "34番", **reason})
        found = {"found_by": "patrol", "known_on": load.today(), "where_posted": "35番", "posted": "住所", "language": "en"}
        self.own = load.open("deletion-own", found)
        load.move(self.own, "keep", {"decision_reason": "no right is touched"})
        self.waits = load.open("deletion-appeal", {
            "poster": "mihon_42", "decided_number": "2026-00001", "received_on": load.today(), "appeal_reason": "x", "language": "ja"
        })  # fmt: skip
        self.case = load.case(self.claim)

    def letter(self, text: str, masked: bool = False) -> dict[str, Any]:
        identity = next(x["id"] for x in self.case["letters"] if x["text"] == text)
        return dict(self.load.call("letter", letter=identity, masked=masked))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worked]:
    office = Office(tmp_path_factory.mktemp("decided") / "office").found()
    yield Worked(office)
    office.close()


@pytest.fixture(scope="module")
def printed(worked: Worked) -> dict[str, bytes]:
    """Each letter set once."""
    if letter.absent_fonts():
        pytest.skip("no Japanese font here: install fonts-noto-cjk (make parts)")
    papers = {x["text"]: worked.letter(x["text"]) for x in worked.case["letters"]}
    papers["masked"] = worked.letter("deletion-removed@1", masked=True)
    return {name: letter_paper.pdf(ROOT / "texts", found) for name, found in papers.items()}


def test_a_period_counts_what_arrived_or_was_decided_in_it_and_names_nobody(worked: Worked) -> None:
    found = worked.load.call("decisions", first="2026-11-01", last="2026-12-31")
    assert [(c["procedure"], c["decision"], c["days"]) for c in found["cases"]] == [
        ("deletion-inquiry", "removed", 9),
        ("deletion-own", "kept", 0),
        ("deletion-appeal", "", None),
    ]
    claim, own, appeal = found["cases"]
    assert (claim["ground"], claim["right"], claim["answer"]) == ("law", "honour", "silent")
    assert (claim["poster_told"], claim["arrived_by"]) == (True, "fax")
    assert (claim["source"], claim["inquired"], claim["late"]) == ("PLAT 3(2)(ii)", True, False)
    assert (own["found_by"], own["ground"], own["inquired"]) == ("patrol", "law", False)
    assert (appeal["about"], appeal["decided_on"]) == ("appeal", None)
    assert not any(word in str(found) for word in HIDDEN)
    assert worked.load.call("decisions", first="2026-01-01", last="2026-01-31")["cases"] == []


@pytest.mark.parametrize(("first", "last"), [("2026-12-31", "2026-01-01"), ("", "2026-01-01"), ("2026-02-30", "2026-12-31")])
def test_a_period_that_is_none_is_refused(worked: Worked, first: str, last: str) -> None:
    with pytest.raises(KeepSaidNo) as no:
        worked.load.call("decisions", first=first, last=last)
    assert no.value.code == "not-a-day"


def test_a_statement_of_reasons_is_shaped_as_the_dsa_asks_with_japans_axis_beside_it(worked: Worked) -> None:
    found = worked.load.call("reasons", matter=worked.claim)
    assert found["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert found["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert found["illegal_content_legal_ground"]["ja"] == "情報流通プラットフォーム対処法第3条第2項第2号"
    assert (found["automated_detection"], found["source_type"]) == ("No", "SOURCE_TYPE_OTHER_NOTIFICATION")
    assert found["jp"]["right"] == "honour"
    assert "名誉を害し" in found["decision_facts"]
    assert not any(word in str(found) for word in HIDDEN)
    assert "decision_facts" not in worked.load.call("reasons", matter=worked.claim, public=True)


def test_a_case_that_decided_nothing_has_no_statement(worked: Worked) -> None:
    with pytest.raises(KeepSaidNo) as no:
        worked.load.call("reasons", matter=worked.waits)
    assert no.value.code == "not-decided"
    with pytest.raises(KeepSaidNo) as no:
        worked.load.call("reasons", matter="2026-99999")
    assert no.value.code == "unknown-matter"


def test_each_move_drafts_its_letters_each_to_whom_it_goes(worked: Worked) -> None:
    told = {x["text"]: x["to"] for x in worked.case["letters"]}
    assert told == {
        "claim-received@1": "claimant",
        "deletion-inquiry@1": "poster",
        "deletion-removed@1": "claimant",
        "deletion-statement@1": "poster",
    }


def test_a_letters_words_are_signed_by_the_node(worked: Worked) -> None:
    found = worked.letter("deletion-removed@1")
    assert found["words"] == digest({k: found[k] for k in WORDS})
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["node"]))
    key.verify(bytes.fromhex(found["signature"]), CONTEXT + canonical({"words": found["words"]}))
    assert found["entry"] is not None
    with pytest.raises(KeepSaidNo) as no:
        worked.load.call("letter", letter="letter-0000000000000000")
    assert no.value.code == "unknown-letter"


@pytest.mark.parametrize("name", ["deletion-inquiry@1", "deletion-statement@1", "masked"])
def test_what_the_claimant_keeps_back_is_in_no_byte_of_the_paper(printed: dict[str, bytes], name: str) -> None:
    """Every stream inflated, every string of metadata, every attachment, and the text as glyphs say it."""
    seen = everything(printed[name])
    for word in HIDDEN:
        wide = word.encode("utf-16-be")
        for spelled in (word.encode(), wide, wide.hex().encode(), wide.hex().upper().encode()):
            assert spelled not in seen, (name, word)
    assert "■■■■" in text_of(printed[name])
    assert list(PdfReader(io.BytesIO(printed[name])).attachments) == []


def test_the_search_finds_what_is_there(printed: dict[str, bytes]) -> None:
    """The same search over the claimant's own letter finds the name: it does not pass by being blind."""
    assert "見本花子".encode() in everything(printed["deletion-removed@1"])


def test_a_letter_on_paper_is_pdf_a_and_the_same_words_give_the_same_bytes(worked: Worked, printed: dict[str, bytes]) -> None:
    made = printed["deletion-removed@1"]
    assert b"pdfaid" in made
    assert letter_paper.pdf(ROOT / "texts", worked.letter("deletion-removed@1")) == made


def test_the_address_stands_in_the_windows_place(worked: Worked, printed: dict[str, bytes]) -> None:
    page = PdfReader(io.BytesIO(printed["deletion-removed@1"])).pages[0]
    found: list[tuple[str, float, float]] = []
    page.extract_text(visitor_text=lambda text, cm, tm, _font, _size: found.append((text, cm[4] + tm[4] * cm[0], cm[5] + tm[5] * cm[3])))
    left, top = next((x, y) for text, x, y in found if "420" in text)
    assert 18 <= left / 72 * 25.4 <= 30, "millimetres from the left edge"
    assert 12 <= (841.89 - top) / 72 * 25.4 <= 24, "and from the top"
    shown = text_of(printed["deletion-removed@1"])
    assert "見本 花子 様" in shown
    assert worked.letter("deletion-removed@1")["words"] in shown.replace("\n", "")


def test_a_claim_lies_in_the_same_words_on_paper_and_in_the_record(worked: Worked, printed: dict[str, bytes]) -> None:
    """Nothing of the body is lost on the way to paper, in any letter."""
    for name, made in printed.items():
        if name != "masked":
            body = worked.letter(name)["body"]
            shown = squeezed(text_of(made))
            for line in body.splitlines()[4:]:
                for piece in re.split(r" {2,}", line.strip().removeprefix("■ ").removeprefix("・")):
                    assert squeezed(piece) in shown, (name, piece)


def squeezed(text: str) -> str:
    return "".join(text.split())


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def everything(pdf: bytes) -> bytes:
    """All that a reader of the file could ever see: octets, every stream inflated, metadata, attachments, text."""
    pieces = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            pieces.append(zlib.decompressobj().decompress(found[1]))
        except zlib.error:
            pieces.append(found[1])
    reader = PdfReader(io.BytesIO(pdf))
    pieces.append(str(reader.metadata).encode() + str(reader.xmp_metadata).encode())
    pieces += [content for contents in reader.attachments.values() for content in contents]
    text = text_of(pdf)
    return b"\n".join([*pieces, text.encode(), squeezed(text).encode()])

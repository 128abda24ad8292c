"""What ISO 19005-2 (PDF/A-2, level B) asks for, as far as it can be read off a file: each clause that a PDF of ours could break.

This is no validator: glyph programs, colour spaces in content streams and the ICC profile itself are not looked into.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
ACTIONS = {
    *("/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState"),
    *("/Rendition", "/Trans", "/GoTo3DView", "/JavaScript"),
}
ANNOTATIONS = {"/Link", "/Widget"}
"""Those our letters may have; the clause forbids /3D, /Sound, /Screen and /Movie."""
HIDDEN, INVISIBLE, PRINT, NO_VIEW, TOGGLE = 1 << 1, 1 << 0, 1 << 2, 1 << 5, 1 << 8
FILTERS = {f"/{n}Decode" for n in ("Flate", "ASCIIHex", "ASCII85", "DCT", "CCITTFax", "RunLength", "JBIG2", "JPX")}


def wrong_in(pdf: bytes) -> list[str]:
    """The clauses that are broken, each with a word; none is the answer one wants."""
    read = PdfReader(io.BytesIO(pdf))
    if read.is_encrypted:
        return ["6.1.3 encrypted"]
    objects = [o for n in range(1, int(read.trailer["/Size"])) if (o := _object(read, n)) is not None]
    dictionaries = [d for o in objects for d in _inside(o)]
    root = read.trailer["/Root"].get_object()
    parts = (_file(pdf, read), _intent(root), _fonts(dictionaries), _metadata(root), _outside(root, dictionaries))
    return [wrong for part in (*parts, _annotations(dictionaries)) for wrong in part]


def _object(read: PdfReader, number: int) -> Any:
    try:
        return read.get_object(IndirectObject(number, 0, read))
    except Exception:  # noqa: BLE001 - a number nobody uses
        return None


def _inside(value: Any) -> Iterator[DictionaryObject]:
    """The dictionaries of an object, streams among them; what it only refers to comes by its own number."""
    if isinstance(value, DictionaryObject):
        yield value
        for each in value.values():
            if not isinstance(each, IndirectObject):
                yield from _inside(each)
    elif isinstance(value, ArrayObject):
        for each in value:
            if not isinstance(each, IndirectObject):
                yield from _inside(each)


def _file(pdf: bytes, read: PdfReader) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[2-7]\n%[\x80-\xff]{4}", pdf):
        yield "6.1.2 header"
    if "/Encrypt" in read.trailer or "/ID" not in read.trailer:
        yield "6.1.3 trailer"
    if pdf.rstrip()[-5:] != b"%%EOF":
        yield "6.1.3 something behind the end"


def _intent(root: DictionaryObject) -> Iterator[str]:
    intents = [i.get_object() for i in root.get("/OutputIntents", [])]
    profiles = [i["/DestOutputProfile"].get_object() for i in intents if i.get("/S") == "/GTS_PDFA1"]
    if not profiles or any(p.get_data()[36:40] != b"acsp" for p in profiles):
        yield "6.2.3 output intent"


def _fonts(found: list[DictionaryObject]) -> Iterator[str]:
    fonts = [d for d in found if d.get("/Type") == "/Font"]
    described = [d for d in found if d.get("/Type") == "/FontDescriptor"]
    if not described or any(not {"/FontFile", "/FontFile2", "/FontFile3"} & set(d) for d in described):
        yield "6.2.11.4 a font is not embedded"
    if any(f["/Subtype"] in ("/Type1", "/TrueType", "/MMType1") and "/FontDescriptor" not in f for f in fonts):
        yield "6.2.11.4 one of the standard fonts"
    if any(f["/Subtype"] == "/CIDFontType2" and "/CIDToGIDMap" not in f for f in fonts):
        yield "6.2.11.3.2 no map from characters to glyphs"
    if any(f["/Subtype"] == "/Type0" and isinstance(f["/Encoding"], str) and not f["/Encoding"].startswith("/Identity") for f in fonts):
        yield "6.2.11.3.3 a character map that is not embedded"


def _metadata(root: DictionaryObject) -> Iterator[str]:
    stream = root.get("/Metadata")
    if stream is None or "/Filter" in stream.get_object():
        yield "6.6.2.1 metadata absent or packed"
        return
    told = ET.fromstring(stream.get_object().get_data())
    about = list(told.iter(f"{RDF}Description"))
    said = {k: next((v for d in about for v in (d.get(PDFAID + k), d.findtext(PDFAID + k)) if v), None) for k in ("part", "conformance")}
    if said != {"part": "2", "conformance": "B"}:
        yield "6.6.4 it does not call itself PDF/A-2b"


def _outside(root: DictionaryObject, found: list[DictionaryObject]) -> Iterator[str]:
    if any({"/JS", "/XFA", "/EF", "/EmbeddedFiles", "/Ref", "/OPI", "/PS"} & set(d) for d in found):
        yield "6.1.7/6.4.2/6.8 scripts, forms, files or references"
    if any(d.get("/S") in ACTIONS for d in found) or "/OpenAction" in root or any("/AA" in d for d in found):
        yield "6.5.1/6.5.2 an action that runs by itself or must not be"
    if any(isinstance(d, StreamObject) and {"/F", "/FFilter", "/FDecodeParms"} & set(d) for d in found):
        yield "6.1.7.1 a stream outside the file"
    filters = {str(f) for d in found if isinstance(d, StreamObject) for f in _many(d.get("/Filter"))}
    if filters - FILTERS:
        yield f"6.1.7.2 filter {sorted(filters - FILTERS)}"
    if any(d.get("/TR") is not None or d.get("/HTP") is not None for d in found if d.get("/Type") == "/ExtGState"):
        yield "6.2.5 a transfer function"
    if "/Perms" in root and set(root["/Perms"]) - {"/DocMDP", "/UR3"}:
        yield "6.1.12 permissions"
    if any({"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(d) for d in found if d.get("/Type") == "/SigRef"):
        yield "6.1.12 a digest in a signature reference"
    if (form := root.get("/AcroForm")) is not None and form.get_object().get("/NeedAppearances"):
        yield "6.4.1 appearances left to the reader"


def _annotations(found: list[DictionaryObject]) -> Iterator[str]:
    for note in (n.get_object() for d in found if "/Annots" in d for n in d["/Annots"]):
        flags, box = int(note.get("/F", 0)), [float(x) for x in note["/Rect"]]
        if note["/Subtype"] not in ANNOTATIONS:
            yield f"6.3.1 annotation {note['/Subtype']}"
        if not flags & PRINT or flags & (HIDDEN | INVISIBLE | NO_VIEW | TOGGLE):
            yield "6.3.2 an annotation that is not printed as it is shown"
        if note["/Subtype"] != "/Link" and "/AP" not in note and box[0:2] != box[2:4]:
            yield "6.3.3 an annotation without a face"


def _many(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, ArrayObject) else [value]

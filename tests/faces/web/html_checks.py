"""What any page must be, read with the standard library's parser: no browser, so it runs over every page in milliseconds."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
SVG_LEAVES = frozenset({"path", "circle", "rect", "line", "polyline", "polygon", "use"})


class Reader(HTMLParser):
    """Collects faults while reading: unbalanced tags, doubled ids, inline styles and scripts, foreign addresses, unlabelled inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.refs: set[str] = set()
        self.headings: list[int] = []
        self.labels: set[str] = set()
        self.inputs: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[tuple[dict[str, str | None], list[str]]] = []
        self.landmarks: Counter[str] = Counter()
        self.language = ""
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if len(named) != len(attrs):
            self.faults.append(f"<{tag}> names an attribute twice")
        if tag not in VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = named.get("lang") or ""
        if named.get("id"):
            self.ids[str(named["id"])] += 1
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.refs.update((named.get(name) or "").split())
        self._dangers(tag, named)
        self._structure(tag, named)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()
            if tag not in SVG_LEAVES:
                self.faults.append(f"<{tag}/> does not close itself in HTML")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "script" not in self.open and "code" not in self.open and "pre" not in self.open:
            self.text.append(data)

    def _dangers(self, tag: str, named: dict[str, str | None]) -> None:
        if "style" in named or tag == "style" or any(n.startswith("on") for n in named):
            self.faults.append(f"<{tag}> carries style or script in itself")
        for name in ("src", "href", "action", "data", "poster", "srcset", "hx-get", "hx-post"):
            if re.match(r"(?i)\s*([a-z][a-z0-9+.-]*:|//)", named.get(name) or ""):
                self.faults.append(f"<{tag} {name}> leaves this console: {named[name]}")
        if tag == "script" and not named.get("src"):
            self.faults.append("a script without src")

    def _structure(self, tag: str, named: dict[str, str | None]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("main", "header", "footer"):
            self.landmarks[tag] += 1
        if tag == "label":
            self.labels.add(named.get("for") or "")
        if tag in ("select", "textarea") or (tag == "input" and named.get("type") != "hidden"):
            self.inputs.append((tag, named))
        if tag == "form":
            self.forms.append((named, []))
        if tag == "input" and self.forms:
            self.forms[-1][1].append(named.get("name") or "")
        if tag == "img" and "alt" not in named:
            self.faults.append("an image without alt")
        if tag == "a" and not named.get("href"):
            self.faults.append("a link that leads nowhere")


def read(page: str) -> Reader:
    """Read a whole page; raises AssertionError naming every fault."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    faults = list(reader.faults)
    faults += [f"never closed: {tag}" for tag in reader.open]
    faults += [f"id used {n} times: {i}" for i, n in reader.ids.items() if n > 1]
    faults += [f"refers to no id: {r}" for r in sorted(reader.refs - set(reader.ids))]
    faults += [
        f"<{tag} name={a.get('name')}> has no label"
        for tag, a in reader.inputs
        if a.get("id") not in reader.labels and "aria-label" not in a
    ]
    faults += [
        "a form that changes something has no token" for a, names in reader.forms if a.get("method") == "post" and "csrf" not in names
    ]
    if reader.headings.count(1) != 1 or any(b > a + 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False)):
        faults.append(f"headings out of order: {reader.headings}")
    if reader.landmarks["main"] != 1:
        faults.append("not exactly one main landmark")
    if not page.startswith("<!doctype html>") and "<!doctype html>" not in page[:40]:
        faults.append("no doctype")
    assert not faults, "\n".join(faults)
    return reader

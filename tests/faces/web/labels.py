"""Every label of the console: what the templates and the code ask gettext for. Run it to bring the Japanese file up to date.

`python -m tests.faces.web.labels` rewrites locale/ja/LC_MESSAGES/console.po: new labels are added empty, old ones leave.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from sekisho.faces.web import i18n

WEB = Path(i18n.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "trimmed": "false", "silent": "false"}}
FIRST = datetime(2026, 11, 21, tzinfo=UTC)
JAPANESE = i18n.LOCALE / "ja" / "LC_MESSAGES" / "console.po"


def extracted() -> Catalog:
    """All labels as they stand in the code today."""
    found = Catalog(project="sekisho", version="", charset="utf-8")
    for name, line, message, comments, context in extract_from_dir(WEB, METHODS, OPTIONS):
        found.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return found


def japanese() -> Catalog:
    with JAPANESE.open("rb") as lines:
        return read_po(lines, locale="ja", domain="console")


def main() -> None:
    fresh = extracted()
    kept = japanese() if JAPANESE.is_file() else Catalog(locale="ja", domain="console", project="sekisho", version="", fuzzy=False)
    kept.update(fresh, no_fuzzy_matching=True)
    kept.obsolete.clear()
    kept.header_comment = "# Japanese labels of the Sekisho console. Apache-2.0."
    kept.msgid_bugs_address, kept.last_translator, kept.language_team = "", "Sekisho", "Sekisho"
    kept.creation_date = kept.revision_date = FIRST
    JAPANESE.parent.mkdir(parents=True, exist_ok=True)
    with JAPANESE.open("wb") as out:
        write_po(out, kept, width=120, omit_header=False, sort_output=True, no_location=True)


if __name__ == "__main__":
    main()

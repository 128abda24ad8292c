"""The transparency report as strangers read it: a page, CSV, JSON, and the statements of reasons as a feed.

Nothing is worked out for a visitor: `sekisho posts report --publish` writes a year's files, and these pages show them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sekisho.desk.posts.transparency import as_csv
from sekisho.faces.web.errors import Turned
from sekisho.faces.web.strangers import front, show
from sekisho.faces.web.visit import Visit

NAMED = re.compile(r"transparency-([0-9]{4})\.json")
YEAR = re.compile(r"[0-9]{4}")
LARGEST = 4 << 20


def publish(folder: Path, report: Mapping[str, Any]) -> list[str]:
    """Write a year's report with its statements, and its CSV, each whole; their names. Raises OSError."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    year = report["report"]["year"]
    files = {f"transparency-{year}.json": json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n"}
    files[f"transparency-{year}.csv"] = as_csv(report["report"])
    for name, text in files.items():
        fresh = folder / f".{name}.new"
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(folder / name)
    return sorted(files)


def years(folder: Path) -> list[int]:
    """Which years were published, newest first."""
    return sorted((int(m[1]) for p in folder.glob("transparency-*.json") if (m := NAMED.fullmatch(p.name))), reverse=True)


def published(folder: Path, year: str) -> dict[str, Any] | None:
    """A year's report; None where it was not published or cannot be read."""
    if YEAR.fullmatch(year) is None:
        return None
    try:
        with (folder / f"transparency-{year}.json").open("rb") as source:
            found = json.loads(source.read(LARGEST))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


async def index(visit: Visit) -> Response:
    found = await front(visit)
    return show(visit, "transparency.html", found["operator"], report=None, years=await visit.desk.doors.years())


async def page(visit: Visit) -> Response:
    found = await front(visit)
    told = await _of(visit)
    return show(visit, "transparency.html", found["operator"], report=told["report"], years=await visit.desk.doors.years())


async def data(visit: Visit) -> Response:
    await front(visit)
    return JSONResponse((await _of(visit))["report"])


async def table(visit: Visit) -> Response:
    """As CSV, to be saved: a browser shows none of it as anything else."""
    await front(visit)
    made = as_csv((await _of(visit))["report"])
    name = f"transparency-{visit.request.path_params['year']}.csv"
    return PlainTextResponse(made, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


async def feed(visit: Visit) -> Response:
    await front(visit)
    return JSONResponse((await _of(visit))["statements"])


async def _of(visit: Visit) -> dict[str, Any]:
    found = await visit.desk.doors.report(str(visit.request.path_params["year"]))
    if found is None:
        raise Turned("unknown")
    return found

"""Socket to sealed stream beside nfcapd, the gate beside cedarpy, and mails beside aiosmtplib, each on the same input in the same run.

    python -m bench             all of it but the mails, under six minutes; a table
    python -m bench gate        decisions beside cedarpy, and permit checks; half a minute
    python -m bench sender      what a sender's record costs a service, beside the bare service; seconds
    python -m bench mail        a campaign through Postfix beside plain aiosmtplib; minutes, as root
    python -m bench mailpolicy  every mail stage beside postgrey and policyd-rate-limit, labels beside opendkim; five minutes
    python -m bench board       an event's board: 5,000 devices, 2,000 look-ups a second, a thousand viewers; two minutes
    python -m bench kernel      rounds of the lease reconciler over ten thousand lines; half a minute, as root
    python -m bench decode      flows beside nfcapd only
    python -m bench --json      the same as one JSON object
    python -m bench --quick     one round of each, for a first look

Every round runs all collectors one after the other on the same datagrams; medians of the rounds are compared, so that what else
the machine does meanwhile touches all of them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench import board, decode, gate, kernel, mail, mailpolicy, sender
from bench.decode import Measured

PARTS = ("all", "decode", "gate", "sender", "mail", "mailpolicy", "board", "kernel")
COMPARED = ("sealed", "plain", "nfcapd")
SEARCHED = ("sealed", "plain", "nfcapd")
LADDER = tuple(round(200_000 * 1.25**step, -4) for step in range(12))
"""Rates tried, records a second: 200,000 to 2.3 million, a quarter apart."""
LOSS_NONE = 0.0
SENDER_SHORT = 0.97
AIM_CPU = 1.3
AIM_DECODE = 1.0


@dataclass(frozen=True)
class Highest:
    """The highest rate without loss of one collector. `sender_limited`: the sender could not offer more."""

    what: str
    rate: float
    sender_limited: bool


def run(what: str, datagrams: list[bytes], seconds: float, rate: float) -> Measured:
    return decode.run_nfcapd(datagrams, seconds, rate) if what == "nfcapd" else decode.run_collector(what, datagrams, seconds, rate)


def compare(kinds: tuple[str, ...], datagrams: list[bytes], rounds: int, seconds: float, rate: float) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in kinds:
            tell(f"round {number + 1} of {rounds}: {kind} at {rate:,.0f}/s")
            found[kind].append(run(kind, datagrams, seconds, rate))
    return found


def search(kind: str, datagrams: list[bytes], seconds: float, rounds: int) -> list[Highest]:
    """Bisect LADDER once, and in later rounds the rungs around what was found."""
    found = [climb(kind, datagrams, seconds, 0, len(LADDER))]
    for _ in range(rounds - 1):
        near = sum(rate < found[0].rate * 1.1 for rate in LADDER)
        found.append(climb(kind, datagrams, seconds, max(0, near - 2), min(len(LADDER), near + 1)))
    return found


def climb(kind: str, datagrams: list[bytes], seconds: float, low: int, high: int) -> Highest:
    """The highest of these rungs without a single record lost; losing at all that were tried gives 0."""
    best, limited = 0.0, False
    while low < high:
        middle = (low + high) // 2
        tell(f"highest rate without loss: {kind} at {LADDER[middle]:,.0f}/s")
        measured = run(kind, datagrams, seconds, LADDER[middle])
        short = measured.rate < SENDER_SHORT * LADDER[middle]
        if measured.loss <= LOSS_NONE:
            best, low, limited = max(best, measured.rate), middle + 1, short
        if measured.loss > LOSS_NONE or short:
            high = middle
    return Highest(kind, best, limited)


def tell(what: str) -> None:
    print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=PARTS, default="all")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="one round of each")
    parser.add_argument("--rate", type=float, default=500_000, help="records a second at which CPU time is compared")
    asked = parser.parse_args()
    rounds = 3 if asked.quick else 7
    found = {name: part.measure(rounds) for name, part in (("gate", gate), ("sender", sender)) if asked.what in ("all", name)}
    if asked.what == "mail":
        found["mail"] = mail.measure(1 if asked.quick else 3)
    if asked.what == "mailpolicy":
        found["mailpolicy"] = mailpolicy.measure(3 if asked.quick else 5)
    if asked.what == "board":
        found["board"] = board.measure(1 if asked.quick else 3)
    if asked.what == "kernel":
        found["kernel"] = kernel.measure(rounds)
    if asked.what in ("all", "decode"):
        found["decode"] = flows(asked.rate, quick=asked.quick)
    if asked.json:
        print(json.dumps(found))
        return
    tables = {"decode": table, "gate": gate.table, "sender": sender.table, "kernel": kernel.table_of}
    tables |= {"mail": mail.table, "mailpolicy": mailpolicy.table, "board": board.table}
    print("\n\n".join(tables[name](result) for name, result in found.items()))


def flows(rate: float, *, quick: bool) -> dict[str, object]:
    """Everything measured about flows; see `summary`."""
    rounds, seconds, tries = (1, 3.0, 2.0) if quick else (3, 6.0, 3.0)
    here = shutil.which("nfcapd") and shutil.which("nfdump")
    if not here:
        print("nfcapd is not installed (Debian package nfdump): no ratio", file=sys.stderr)
    datagrams = decode.pool()
    checksum = decode.check(datagrams)
    memory = [decode.memory(datagrams, 12, 1000) for _ in range(rounds)]
    compared = compare(tuple(k for k in COMPARED if here or k != "nfcapd"), datagrams, rounds, seconds, rate)
    compared["columns"] = [run("columns", datagrams, seconds, rate)]
    highest = {k: search(k, datagrams, tries, rounds) for k in SEARCHED if here or k != "nfcapd"}
    tell("")
    return summary(checksum, {"memory": memory, **compared}, highest)


def summary(checksum: str, compared: dict[str, list[Measured]], highest: dict[str, list[Highest]]) -> dict[str, object]:
    """Medians over rounds; ratios to nfcapd where it ran."""
    peer = median(m.per_million for m in compared["nfcapd"]) if "nfcapd" in compared else None
    rows = [
        {
            "what": kind,
            "records_per_second": round(median(m.stored / m.seconds for m in measured)),
            "worst_loss": max(m.loss for m in measured),
            "cpu_seconds_per_million": round(median(m.per_million for m in measured), 3),
            "ratio": round(median(m.per_million for m in measured) / peer, 2) if peer else None,
            "rounds": [asdict(m) for m in measured],
        }
        for kind, measured in compared.items()
    ]
    rates = [
        {"what": kind, "rate": round(median(h.rate for h in found)), "sender_limited": any(h.sender_limited for h in found),
         "rounds": [round(h.rate) for h in found]}
        for kind, found in highest.items()
    ]  # fmt: skip
    return {"bench": "decode", "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), "checksum": checksum,
            "compared": rows, "without_loss": rates, "aims": aims(rows)}  # fmt: skip


def aims(rows: list[dict[str, object]]) -> list[str]:
    found = []
    for kind, most in (("sealed", AIM_CPU), ("memory", AIM_DECODE)):
        ratio = next((r["ratio"] for r in rows if r["what"] == kind), None)
        if isinstance(ratio, float):
            how = "reached" if ratio <= most else "not reached"
            found.append(f"{how}: {kind} takes {ratio:.2f} x the CPU time of nfcapd -y (aim: at most {most} x)")
    return found


def machine() -> str:
    load = os.getloadavg()[0]
    told = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), "")
    return f"{os.cpu_count()} x {model or platform.machine()}, Linux {platform.release()}, load {load:.1f}"


def table(result: dict[str, object]) -> str:
    rows, rates = result["compared"], result["without_loss"]
    assert isinstance(rows, list)
    assert isinstance(rates, list)
    lines = [
        f"{result['at']}  {result['machine']}",
        f"checksum over every field equal to the reference decoder's: {result['checksum']}",
        "",
    ]
    lines.append(f"{'':10}{'records/s':>12}{'worst loss %':>14}{'CPU s per M':>13}{'x nfcapd':>10}")
    for r in rows:
        ratio = "-" if r["ratio"] is None else f"{r['ratio']:.2f}"
        lines.append(
            f"{r['what']:10}{r['records_per_second']:>12,}{r['worst_loss'] * 100:>14.3f}{r['cpu_seconds_per_million']:>13.3f}{ratio:>10}"
        )
    lines += ["", f"{'':10}{'highest records/s without loss':>32}   rounds"]
    for r in rates:
        limit = "  (the sender could not offer more)" if r["sender_limited"] else ""
        lines.append(f"{r['what']:10}{r['rate']:>32,}   {', '.join(f'{n:,}' for n in r['rounds'])}{limit}")
    aims_met = result["aims"]
    assert isinstance(aims_met, list)
    return "\n".join([*lines, "", *aims_met])


if __name__ == "__main__":
    main()

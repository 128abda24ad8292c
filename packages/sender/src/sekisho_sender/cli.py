"""`sekisho-sender`: the command. 0: well; 1: something is named that a person has to look at; 2: it could not be done."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sekisho_sender import clock_offset, destinations, doctor, schema
from sekisho_sender.capture import utc_us
from sekisho_sender.frontlog import logs_of, read_logs
from sekisho_sender.record import SubjectKind
from sekisho_sender.words import WORDS


class CannotDo(Exception):
    """What was asked cannot be done; the words say what is missing."""


class Told:
    """Where answers go: sentences for people, one JSON object for machines."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.language, self.machine = asked.lang, asked.json

    def say(self, word: str, **values: object) -> None:
        if not self.machine:
            sys.stdout.write(WORDS[word][self.language].format(**values) + "\n")

    def line(self, text: str) -> None:
        if not self.machine:
            sys.stdout.write(text + "\n")

    def give(self, value: dict[str, Any]) -> None:
        if self.machine:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n")


def bring_in(asked: argparse.Namespace, told: Told) -> int:
    from sekisho_sender import sealedlog
    from sekisho_sender.keeping import Keeper
    from sekisho_sender.seal import KeyFile

    signer = bytes.fromhex(asked.signer) if asked.signer else None
    files = [file for given in asked.logs for file in (logs_of(given) if asked.rotated else [given])]
    if not files:
        raise CannotDo(f"no such log: {', '.join(map(str, asked.logs))}")
    prefixes = tuple((prefix, SubjectKind(kind)) for kind, _, prefix in (text.partition("=") for text in asked.kind))
    keyfile = KeyFile(asked.keys, signer)
    keyfile.keyring()
    keeper = Keeper(keyfile.keyring)
    done = sealedlog.bring_in(read_logs(files), asked.folder, keeper, sealedlog.Paths(prefixes))
    for wrong in done.wrong:
        told.line(str(wrong))
    told.say("imported", sealed=done.sealed, known=done.known, no_post=done.no_post, wrong=len(done.wrong))
    told.give(asdict(done))
    return 1 if done.wrong else 0


def join(asked: argparse.Namespace, told: Told) -> int:
    from sekisho_sender import sealedlog

    done = sealedlog.join(sealedlog.read_claims(asked.posts), asked.folder)
    for wrong in done.wrong:
        told.line(str(wrong))
    for claim in done.missing:
        told.say("no-record", **asdict(claim))
    told.say("joined", joined=done.joined, known=done.known, missing=len(done.missing), wrong=len(done.wrong))
    told.give(asdict(done))
    return 1 if done.wrong or done.missing else 0


def digest(asked: argparse.Namespace, told: Told) -> int:
    from sekisho_sender import digest as signing

    if asked.check is None:
        key = signing.signing_key(asked.key)
        line = signing.digest(asked.folder, key, utc_us())
        public = key.public_key().public_bytes_raw().hex()
        told.say("signed", public=public)
        told.line(json.dumps(line, sort_keys=True))
        told.give({"public": public, "digest": line})
        return 0
    given = signing.read_given(asked.given.read_text(encoding="utf-8")) if asked.given else None
    faults = signing.check(asked.folder, bytes.fromhex(asked.check), given)
    for fault in faults:
        told.say("fault", what=fault)
    if not faults:
        told.say("fits")
    told.give({"faults": faults})
    return 1 if faults else 0


def look_up(asked: argparse.Namespace, told: Told) -> int:
    if asked.at is not None:
        return look_back(asked, told)
    resolve: destinations.Resolver = destinations.system
    if asked.server:
        from sekisho_sender.nameserver import ask

        resolve = ask(asked.server)
    while True:
        looks = destinations.look_all(asked.name, asked.ledger, resolve, utc_us)
        for look in looks:
            word = "looked" if look.addresses else "no-answer"
            told.say(word, name=look.name, addresses=", ".join(look.addresses), why=look.why)
        told.give({"looks": [asdict(look) for look in looks]})
        if not asked.every:
            return 0 if all(look.addresses for look in looks) else 1
        time.sleep(asked.every)


def look_back(asked: argparse.Namespace, told: Told) -> int:
    moment = datetime.fromisoformat(asked.at)
    if moment.tzinfo is None:
        raise CannotDo(f"--at {asked.at}: say the time zone, as in 2026-11-22T12:00:00+09:00")
    sure = True
    for name in asked.name:
        found = destinations.around(asked.ledger, name, int(moment.timestamp() * 1_000_000))
        sure = sure and found.sure
        ends = [
            ", ".join(look.addresses) or look.why if look else WORDS["nobody-looked"][told.language] for look in (found.before, found.after)
        ]
        told.say("around", name=name, before=ends[0], after=ends[1])
        told.say("sure" if found.sure else "unsure")
        told.give({"name": name, "sure": found.sure, **asdict(found)})
    return 0 if sure else 1


def measure(asked: argparse.Namespace, told: Told) -> int:
    found = clock_offset.measured(tuple(asked.server))
    told.say("no-clock" if found.ahead_us is None else "ahead", **asdict(found))
    told.give(asdict(found))
    return 1 if found.ahead_us is None else 0


def print_schema(asked: argparse.Namespace, told: Told) -> int:
    statements = [*schema.table(asked.dialect), *schema.append_only(asked.dialect)]
    for guard in asked.guard:
        posts, _, column = guard.partition(".")
        statements += schema.required(asked.dialect, posts, column or "id")
    for statement in statements:
        told.line(statement + ";\n")
    told.give({"statements": statements})
    return 0


def examine(asked: argparse.Namespace, told: Told) -> int:
    token = asked.token.read_text(encoding="utf-8").strip()
    report = doctor.examine(doctor.Service(asked.url.rstrip("/"), token, asked.insecure))
    unknown = WORDS["not-known"][told.language]
    hop = f"{report.hop or WORDS['socket'][told.language]} ({report.reading or unknown})"
    told.say("we-think", source=report.source or unknown, destination=report.destination or unknown, hop=hop)
    if report.through_nat:
        told.say("through-nat")
    if report.missing:
        told.say("lacks", missing=report.missing)
    if report.plain in (doctor.Verdict.WRONG, doctor.Verdict.LEAK):
        told.say("plain-wrong")
    for one in report.attacks:
        told.say(one.verdict.value, name=one.name, source=one.source, why=one.why)
    told.say("well" if report.well else "unwell")
    told.give({**asdict(report), "well": report.well})
    return 0 if report.well else 1


def parser(language: str) -> argparse.ArgumentParser:
    def words(word: str) -> str:
        return WORDS[word][language].replace("%", "%%")

    whole = argparse.ArgumentParser("sekisho-sender", description=words("about"))
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, carry_out: Callable[[argparse.Namespace, Told], int], *arguments: tuple[str, dict[str, Any]]) -> None:
        one = commands.add_parser(name, help=words(name), description=words(name))
        one.set_defaults(carry_out=carry_out)
        for flag, how in arguments:
            one.add_argument(flag, help=words(how.pop("word", flag.lstrip("-"))), **how)
        one.add_argument("--json", action="store_true", help=words("json"))
        one.add_argument("--lang", choices=("ja", "en"), default=language, help=words("lang"))

    command(
        "import",
        bring_in,
        ("logs", {"type": Path, "nargs": "+"}),
        ("--folder", {"type": Path, "required": True}),
        ("--keys", {"type": Path, "required": True}),
        ("--signer", {"default": ""}),
        ("--kind", {"action": "append", "default": []}),
        ("--rotated", {"action": "store_true"}),
    )
    command("join", join, ("--posts", {"type": Path, "required": True}), ("--folder", {"type": Path, "required": True}))
    command(
        "digest",
        digest,
        ("--folder", {"type": Path, "required": True}),
        ("--key", {"type": Path, "default": Path("digest.key")}),
        ("--check", {"default": None}),
        ("--given", {"type": Path, "default": None}),
    )
    command(
        "destinations",
        look_up,
        ("--name", {"action": "append", "required": True}),
        ("--ledger", {"type": Path, "required": True}),
        ("--every", {"type": float, "default": 0.0}),
        ("--server", {"action": "append", "default": []}),
        ("--at", {"default": None}),
    )
    command("clock", measure, ("--server", {"action": "append", "default": []}))
    command(
        "schema",
        print_schema,
        ("--dialect", {"choices": schema.DIALECTS, "required": True}),
        ("--guard", {"action": "append", "default": []}),
    )
    command("doctor", examine, ("url", {}), ("--token", {"type": Path, "required": True}), ("--insecure", {"action": "store_true"}))
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    japanese = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    language = "ja" if japanese.startswith("ja") else "en"
    asked = parser(language).parse_args(given)
    try:
        return int(asked.carry_out(asked, Told(asked)))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except (CannotDo, doctor.CannotAsk, OSError, ValueError) as no:
        sys.stderr.write(f"sekisho-sender: {no}\n")
        return 2
    except ImportError as no:
        sys.stderr.write(f"sekisho-sender: {no.name} is not installed; type: pip install 'sekisho-sender[seal]' or that package\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())

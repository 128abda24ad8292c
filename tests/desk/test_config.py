"""Settings are read strictly: what is not known, of another type or out of range is named by its place, and nothing is guessed."""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from sekisho.desk.config import ConfigError, _Reader, read_settings
from sekisho.desk.settings import (
    Access,
    Console,
    Event,
    Incident,
    Intake,
    Letters,
    Mail,
    Network,
    Operator,
    Policy,
    Portal,
    Scan,
    Service,
    Settings,
    Submission,
    Users,
)
from sekisho.law.words import Regime
from tests.conftest import ROOT

LEAST = 'folder = "state"\nbook = "book"\ntexts = "texts"\n[operator]\nname = "Example"\nwindow = "Desk"\n'
PARTS = {
    "operator": Operator,
    "intake": Intake,
    "network": Network,
    "mail": Mail,
    "console": Console,
    "users": Users,
    "scan": Scan,
    "letters": Letters,
    "access": Access,
    "policy": Policy,
    "submission": Submission,
    "incident": Incident,
    "event": Event,
    "portal": Portal,
}
PARTS["service"] = Service


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sekisho.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(tmp_path: Path, text: str) -> tuple[str, str]:
    with pytest.raises(ConfigError) as no:
        read_settings(written(tmp_path, text))
    return no.value.where, no.value.code


def test_the_least_that_must_be_said_is_enough(tmp_path: Path) -> None:
    """Folder, book, texts, and who answers; the rest has defaults that widen nothing."""
    said = read_settings(written(tmp_path, LEAST))
    assert said.folder == tmp_path / "state"
    assert said.lists == ()
    assert said.network.prefixes == ()
    assert said.intake.accounting is None
    assert said.operator.regime is Regime.TBA
    assert not said.demo


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    said = read_settings(written(tmp_path, 'lists = ["lists/cc.toml"]\n' + LEAST))
    assert said.lists == (tmp_path / "lists" / "cc.toml",)
    assert said.book == tmp_path / "book"


def test_a_file_that_is_not_there_is_said_to_be_absent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as no:
        read_settings(tmp_path / "no.toml")
    assert no.value.code == "absent"


@pytest.mark.parametrize("raw", [b"folder = ", b"\xff\xfe\x00", b'folder = "a"\nfolder = "b"\n'])
def test_what_is_no_toml_is_named_with_its_place(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "sekisho.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as no:
        read_settings(path)
    assert no.value.code == "not-toml"
    assert str(path) in no.value.where


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("fodler = 1\n", "fodler"),
        ("keep_days = 90\n", "keep_days"),
        ("[intake]\nkeep_payload = true\n", "intake.keep_payload"),
        ("[console]\npassword = 'x'\n", "console.password"),
    ],
)
def test_an_unknown_setting_is_refused_by_its_name(tmp_path: Path, line: str, where: str) -> None:
    """A typing mistake never leaves a default in force, and what widens collecting is no setting at all."""
    text = LEAST + line if line.startswith("[") else line + LEAST
    assert refused(tmp_path, text) == (where, "unknown-setting")


@pytest.mark.parametrize("key", ["folder", "book", "texts"])
def test_what_must_be_said_is_asked_for_by_name(tmp_path: Path, key: str) -> None:
    text = "\n".join(line for line in LEAST.splitlines() if not line.startswith(key))
    assert refused(tmp_path, text) == (key, "not-a-path")


@pytest.mark.parametrize("key", ["name", "window"])
def test_somebody_must_answer(tmp_path: Path, key: str) -> None:
    """An installation without a named operator and window is refused."""
    text = "\n".join(line for line in LEAST.splitlines() if not line.startswith(key))
    assert refused(tmp_path, text) == (f"operator.{key}", "absent")


def test_nobody_is_outside_every_regime(tmp_path: Path) -> None:
    assert refused(tmp_path, LEAST + 'regime = "none"\n') == ("operator.regime", "unknown-word")


WRONG = [
    ("look_seconds = 0\n", "look_seconds", "not-a-positive-number"),
    ("[scan]\nsocket = 3\n", "scan.socket", "not-a-path"),
    ("[letters]\nkey = true\n", "letters.key", "not-a-path"),
    ("[scan]\nseconds = 0\n", "scan.seconds", "not-a-positive-number"),
    ("look_seconds = true\n", "look_seconds", "not-a-positive-number"),
    ("demo = 1\n", "demo", "not-yes-or-no"),
    ("lists = 'one.toml'\n", "lists", "not-a-list"),
    ("lists = [1]\n", "lists", "not-a-path"),
    ("intake = 3\n", "intake", "not-a-table"),
    ("[intake]\nworkers = -1\n", "intake.workers", "not-a-positive-number"),
    ("[intake]\nworkers = 'two'\n", "intake.workers", "not-a-positive-number"),
    ("[intake]\nworkers = 1.5\n", "intake.workers", "not-a-positive-number"),
    ("[intake]\nflows = 2055\n", "intake.flows", "not-text"),
    ("[intake]\nflows = '127.0.0.1'\n", "intake.flows", "not-an-address-and-port"),
    ("[intake]\nflows = 'router.example:2055'\n", "intake.flows", "not-an-address-and-port"),
    ("[intake]\nflows = '127.0.0.1:70000'\n", "intake.flows", "not-an-address-and-port"),
    ("[network]\nprefixes = ['198.51.100.1/24']\n", "network.prefixes: 198.51.100.1/24", "not-a-prefix"),
    ("[network]\nprefixes = '198.51.100.0/24'\n", "network.prefixes", "not-a-list"),
    ("[mail]\nport = 70000\n", "mail.port", "not-a-port"),
    ("[mail]\nhost = 25\n", "mail.host", "not-text"),
    ("[access]\nsubmission = 'mail.example.net'\n", "access.submission", "not-of-its-form"),
    ("[access]\nsubmission = 'mail.example.net:70000'\n", "access.submission", "not-of-its-form"),
    ("[access]\nnamespace = '../r'\n", "access.namespace", "not-of-its-form"),
    ("[access]\nkernel = 'yes'\n", "access.kernel", "not-yes-or-no"),
    ("[incident]\nladder = '15=desk'\n", "incident.ladder", "not-a-list"),
    ("[incident]\nladder = ['15']\n", "incident.ladder: 15", "not-a-rung"),
    ("[incident]\nladder = ['15=poster']\n", "incident.ladder: 15=poster", "not-a-rung"),
    ("[incident]\nladder = ['15=desk <duty>']\n", "incident.ladder: 15=desk <duty>", "not-a-rung"),
    ("[incident]\noutside_body = 3\n", "incident.outside_body", "not-text"),
    ("[mail]\ntls = 'sometimes'\n", "mail.tls", "unknown-word"),
    ("[console]\nport = 0\n", "console.port", "not-a-positive-number"),
    ("[console]\nurl = 'localhost'\n", "console.url", "not-a-url"),
]


@pytest.mark.parametrize(("line", "where", "code"), WRONG, ids=[w[0].strip().replace("\n", " ") for w in WRONG])
def test_a_value_of_the_wrong_kind_is_named_with_what_is_wrong(tmp_path: Path, line: str, where: str, code: str) -> None:
    text = LEAST + line if line.startswith("[") else line + LEAST
    assert refused(tmp_path, text) == (where, code)


def test_one_person_is_said_with_yes_or_no(tmp_path: Path) -> None:
    assert refused(tmp_path, LEAST + "one_person = 'yes'\n") == ("operator.one_person", "not-yes-or-no")
    assert read_settings(written(tmp_path, LEAST + "one_person = true\n")).operator.one_person


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 99_999) | st.floats(allow_nan=False) | st.text("ab/:.[]\n", max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["flows", "port", "x"]), inner, max_size=2),
    max_leaves=4,
)


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["folder", "lists", "look_seconds", "demo", "cards", "operator", "intake", "network", "mail", "console"]), VALUES)
def test_whatever_a_setting_holds_it_is_settings_or_a_named_mistake(key: str, value: Any) -> None:
    """No other error, whatever TOML can say."""
    raw = tomllib.loads(LEAST) | {key: value}
    try:
        said: object = _Reader(Path("base")).settings(raw)
    except ConfigError as no:
        said = no.where and no.code
    assert said


def every_setting() -> list[str]:
    """Each field a settings file may hold, as it is written there."""
    found = []
    for f in fields(Settings):
        part = PARTS.get(f.name)
        found += [f"{f.name}.{inner.name}" for inner in fields(part)] if part and is_dataclass(part) else [f.name]
    return found


def test_every_setting_is_explained_with_its_default() -> None:
    """docs/settings.md has one row for each, and none for what does not exist."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip().strip("`") for line in page.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(every_setting())


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_the_defaults_on_the_page_are_the_codes(part: type[Any]) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    name = next(n for n, p in PARTS.items() if p is part)
    for f in fields(part):
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}.{f.name}` |"))
        default = row.split("|")[2].strip().strip("`")
        said = {"()": "[]", "True": "true", "False": "false", "None": "none", "": '""'}.get(str(f.default), str(f.default))
        assert default == ("must be said" if "MISSING" in said else said), f"{name}.{f.name}"


def of_service(text: str) -> str:
    return LEAST + "[[service]]\n" + text


def test_a_service_says_where_its_records_lie_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    second = '[[service]]\nname = "blog"\nrecords = "sealed"'
    text = of_service('name = "chat"\ndatabase = "sqlite:///data/chat.db"\noperators = "nets.csv"\n' + second)
    chat, blog = read_settings(written(tmp_path, text)).service
    assert (chat.database, chat.records, chat.operators) == (f"sqlite:///{tmp_path}/data/chat.db", None, tmp_path / "nets.csv")
    assert (blog.name, blog.database, blog.records) == ("blog", "", tmp_path / "sealed")
    assert read_settings(written(tmp_path, LEAST)).service == ()


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ('database = "sqlite:///a.db"', "service[1].name", "absent"),
        ('name = ""\nrecords = "a"', "service[1].name", "not-a-name-of-its-own"),
        ('name = "A b"\nrecords = "a"', "service[1].name", "not-a-name-of-its-own"),
        ('name = "a"\nrecords = "a"\n[[service]]\nname = "a"\nrecords = "b"', "service[2].name", "not-a-name-of-its-own"),
        ('name = "a"', "service[1]", "database-or-records"),
        ('name = "a"\nrecords = "a"\ndatabase = "sqlite:///a.db"', "service[1]", "database-or-records"),
        ('name = "a"\ndatabase = "chat.db"', "service[1].database", "not-a-url"),
        ('name = "a"\nrecords = 5', "service[1].records", "not-a-path"),
        ('name = "a"\nrecords = "a"\nkeep_days = 9', "service[1].keep_days", "unknown-setting"),
    ],
)
def test_a_service_that_is_not_said_right_is_named_by_its_place(tmp_path: Path, text: str, where: str, why: str) -> None:
    """How long records are kept, above all, is no setting."""
    assert refused(tmp_path, of_service(text)) == (where, why)


def test_where_processes_have_users_the_one_that_meets_strangers_files_has_its_own(tmp_path: Path) -> None:
    five = "".join(f'{name} = "u-{name}"\n' for name in ("keep", "collect", "work", "act", "show"))
    text = f'{LEAST}[scan]\nsocket = "c.sock"\n[users]\n{five}'
    assert refused(tmp_path, text) == ("users.scan", "absent")
    said = read_settings(written(tmp_path, text + 'scan = "u-scan"\n'))
    assert said.users.apart
    assert said.scan.socket == tmp_path / "c.sock"
    assert not read_settings(written(tmp_path, text + 'scan = "u-keep"\n')).users.apart


@pytest.mark.parametrize("said", ["10031", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "a b:25", ":25"])
def test_where_the_mail_server_asks_is_an_address_and_a_port(said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, f"{LEAST}\n[policy]\nlisten = '{said}'\n") == ("policy.listen", "not-an-address-and-port")
    assert read_settings(written(tmp_path, f"{LEAST}\n[policy]\nlisten = '[::1]:10031'\n")).policy.listen == "[::1]:10031"


@pytest.mark.parametrize("said", ["0.0.0.0:2587", "192.0.2.1:2587", "mail.example:2587", "127.0.0.1", "[::]:2587"])
def test_contractors_hand_in_on_this_machine_alone(tmp_path: Path, said: str) -> None:
    assert refused(tmp_path, f"{LEAST}\n[submission]\nlisten = '{said}'\n") == ("submission.listen", "not-of-its-form")
    assert read_settings(written(tmp_path, f"{LEAST}\n[submission]\nlisten = '[::1]:2587'\n")).submission.domain == "people.invalid"


PORTAL = '[portal]\nlisten = "[::]:8088"\nurl = "https://wifi.example/"\ninterface = "wifi0"\nssid = "Conference"\n'


def test_a_portal_says_where_attendees_come_in_and_how_they_come_to_it(tmp_path: Path) -> None:
    said = read_settings(written(tmp_path, LEAST + PORTAL + 'secure = "[::]:8443"\ncertificate = "c.pem"\nkey = "k.pem"\n')).portal
    assert (said.listen, said.interface, said.ssid, said.secure) == ("[::]:8088", "wifi0", "Conference", "[::]:8443")
    assert said.certificate == tmp_path / "c.pem"


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        ('url = "https://wifi.example/"\n', "", "portal.url", "absent"),
        ('ssid = "Conference"\n', "", "portal.ssid", "absent"),
        ('interface = "wifi0"\n', "", "portal.interface", "absent"),
        ("wifi0", "wifi0; drop", "portal.interface", "not-of-its-form"),
        ("[::]:8088", "8088", "portal.listen", "not-of-its-form"),
        ("https://wifi", "ftp://wifi", "portal.url", "not-of-its-form"),
        ("interface", 'secure = "[::]:8443"\ninterface', "portal.secure", "certificate-and-key"),
    ],
)
def test_a_portal_that_is_not_said_right_is_named_by_its_place(tmp_path: Path, old: str, new: str, where: str, why: str) -> None:
    assert refused(tmp_path, LEAST + PORTAL.replace(old, new)) == (where, why)

"""The operator's settings: one TOML file, read once, strictly. What widens collecting, keeping or showing is not here: it is a plan."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

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
from sekisho.law.incident import Rung
from sekisho.law.words import Regime, Role

PORTS = 65_536
PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")
LONGEST_LOCAL = 29
"""What may stand before the @ of the sender, so that a `+` and the 34 letters of a return code fit behind it (RFC 5321: 64)."""
TLS = ("starttls", "implicit", "none")
SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
HOST = r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]+\])"
ADDRESS = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9a-fA-F:.]+\])"
PORT = r":(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3})"
ACCESS = {
    "namespace": r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}|",
    "submission": HOST + PORT + "|",
    "resolver_at": r"127(?:\.[0-9]{1,3}){3}" + PORT,
}
SUBMISSION = {
    "listen": r"(?:127\.0\.0\.1|localhost|\[::1\])" + PORT + "|",
    "domain": r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+",
}
"""Tokens pass there in the clear, so it is this machine alone: what ends TLS stands in front."""
PORTAL = {
    "listen": HOST + PORT + "|",
    "secure": HOST + PORT + "|",
    "url": r"https?://[!-~]{1,200}|",
    "namespace": ACCESS["namespace"],
    "interface": r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}|",
    "ssid": r"[^\0]{0,32}",
}
RUNG = re.compile(r"(0|[1-9][0-9]{0,4})=([a-z-]{2,32})(?: <([!-;=?A-~]{1,64}@[A-Za-z0-9.-]{1,180})>)?")
STAFF = frozenset({Role.ENGINEER, Role.DESK, Role.HELP_DESK, Role.REVIEWER, Role.OFFICER, Role.WINDOW})
EVENT = {
    "interface": r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}|",
    "resolver": r"unbound:/[^\0]{1,100}|(?:bind|dnsdist):http://(?:127\.0\.0\.1|\[::1\]):[0-9]{1,5}/[!-~]{0,200}|",
}
"""Counters are read on this machine alone: nothing of an event is asked for over a network."""
FILE = "sqlite:///"
DATABASE = re.compile(r"[a-z]+(?:\+[a-z0-9]+)?://")
FARTHEST_ZONE = 14 * 60
"""Minutes: no place on earth is farther from UTC."""


class ConfigError(ValueError):
    """The settings file is wrong: `where` names the setting, `code` says how."""

    def __init__(self, where: str, code: str) -> None:
        super().__init__(where, code)
        self.where = where
        self.code = code


def read_settings(path: Path) -> Settings:
    """Settings from a TOML file; paths in it are relative to it. Raises ConfigError, never guesses."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as why:
        raise ConfigError(str(path), "absent") from why
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise ConfigError(f"{path}: {why}", "not-toml") from why
    return _Reader(path.resolve().parent).settings(raw)


class _Reader:
    def __init__(self, base: Path) -> None:
        self.base = base

    def path(self, value: object, where: str) -> Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise ConfigError(where, "not-a-path")
        return (self.base / value).resolve()

    def settings(self, raw: dict[str, Any]) -> Settings:
        known = {f.name for f in fields(Settings)}
        self._only(raw, known, "")
        intake, network = self._table(raw, "intake"), self._table(raw, "network")
        intake["exporters"] = tuple(self._address(a) for a in self._list(intake.get("exporters", []), "intake.exporters"))
        if "accounting_zone_minutes" in intake:
            self._zone(intake["accounting_zone_minutes"], "intake.accounting_zone_minutes")
        network["prefixes"] = tuple(self._prefix(p) for p in self._list(network.get("prefixes", []), "network.prefixes"))
        settings = Settings(
            folder=self.path(raw.get("folder"), "folder"),
            operator=self._operator(self._table(raw, "operator")),
            book=self.path(raw.get("book"), "book"),
            texts=self.path(raw.get("texts"), "texts"),
            lists=tuple(self.path(p, "lists") for p in self._list(raw.get("lists", []), "lists")),
            intake=self._fill(Intake, intake, "intake"),
            network=self._fill(Network, network, "network"),
            mail=self._fill(Mail, self._table(raw, "mail"), "mail"),
            console=self._fill(Console, self._table(raw, "console"), "console"),
            letters=self._fill(Letters, self._table(raw, "letters"), "letters"),
            scan=self._fill(Scan, self._table(raw, "scan"), "scan"),
            users=self._fill(Users, self._table(raw, "users"), "users"),
            look_seconds=self._whole(raw.get("look_seconds", 60), "look_seconds"),
            demo=self._switch(raw.get("demo", False), "demo"),
            cards=self.path(raw["cards"], "cards") if "cards" in raw else None,
            publishers=tuple(self._public_key(k) for k in self._list(raw.get("publishers", []), "publishers")),
            access=self._fill(Access, self._table(raw, "access"), "access"),
            policy=self._fill(Policy, self._table(raw, "policy"), "policy"),
            submission=self._fill(Submission, self._table(raw, "submission"), "submission"),
            event=self._fill(Event, self._table(raw, "event"), "event"),
            portal=self._fill(Portal, self._table(raw, "portal"), "portal"),
            owners=self._owners(self._table(raw, "owners")),
            service=self._services(self._list(raw.get("service", []), "service")),
            canaries=self.path(raw["canaries"], "canaries") if "canaries" in raw else None,
            incident=self._incident(self._table(raw, "incident")),
        )
        self._reachable(settings)
        return settings

    def _incident(self, raw: dict[str, Any]) -> Incident:
        """The ladder is written as "15=desk <duty@example.jp>": within 15 minutes somebody in that role has it; they are mailed there."""
        rungs = [self._rung(step, "incident.ladder") for step in self._list(raw.pop("ladder", []), "incident.ladder")]
        filled: Incident = self._fill(Incident, raw, "incident")
        return replace(filled, ladder=tuple(rungs))

    @staticmethod
    def _rung(step: object, where: str) -> Rung:
        found = RUNG.fullmatch(step) if isinstance(step, str) else None
        if found is None or found[2] not in {r.value for r in STAFF}:
            raise ConfigError(f"{where}: {step}", "not-a-rung")
        return Rung(int(found[1]), Role(found[2]), found[3] or "")

    def _owners(self, raw: dict[str, Any]) -> Mapping[str, str]:
        for procedure, person in raw.items():
            if not isinstance(person, str) or not person.strip():
                raise ConfigError(f"owners.{procedure}", "not-a-str")
        return raw

    def _services(self, raw: list[object]) -> tuple[Service, ...]:
        """Each with a name of its own, and exactly one place where its records lie."""
        found: list[Service] = []
        for number, table in enumerate(raw, 1):
            where = f"service[{number}]"
            if not isinstance(table, dict):
                raise ConfigError(where, "not-a-table")
            one: Service = self._fill(Service, dict(table), where)
            if one.database.startswith(FILE):
                one = replace(one, database=FILE + str(self.path(one.database.removeprefix(FILE), f"{where}.database")))
            if not SERVICE.fullmatch(one.name) or one.name in {s.name for s in found}:
                raise ConfigError(f"{where}.name", "not-a-name-of-its-own")
            if bool(one.database) == (one.records is not None):
                raise ConfigError(where, "database-or-records")
            if one.database and not DATABASE.match(one.database):
                raise ConfigError(f"{where}.database", "not-a-url")
            found.append(one)
        return tuple(found)

    def _operator(self, raw: dict[str, Any]) -> Operator:
        try:
            raw["regime"] = Regime(raw.get("regime", "TBA"))
        except ValueError as why:
            raise ConfigError("operator.regime", "unknown-word") from why
        for key in ("name", "window"):
            if not raw.get(key):
                raise ConfigError(f"operator.{key}", "absent")
        operator: Operator = self._fill(Operator, raw, "operator")
        return operator

    def _fill(self, kind: type[Any], raw: dict[str, Any], where: str) -> Any:
        """Each field of the type its default has; where there is no default, text."""
        fields = kind.__dataclass_fields__
        self._only(raw, set(fields), where + ".")
        for key, value in raw.items():
            default = fields[key].default
            if isinstance(default, bool):
                self._switch(value, f"{where}.{key}")
            elif isinstance(default, int):
                if self._whole(value, f"{where}.{key}") >= PORTS and key.endswith("port"):
                    raise ConfigError(f"{where}.{key}", "not-a-port")
            elif fields[key].type == "Path | None":
                raw[key] = self.path(value, f"{where}.{key}")
            elif (isinstance(default, str) or default is MISSING) and not isinstance(value, str):
                raise ConfigError(f"{where}.{key}", "not-text")
        for key, known in fields.items():
            if known.default is MISSING and known.default_factory is MISSING and key not in raw:
                raise ConfigError(f"{where}.{key}", "absent")
        return kind(**raw)

    def _mail(self, mail: Mail) -> None:
        if mail.tls not in TLS:
            raise ConfigError("mail.tls", "unknown-word")
        if bool(mail.dkim_selector) != (mail.dkim_key is not None):
            raise ConfigError("mail.dkim_selector", "selector-and-key")
        if mail.returns and len(mail.sender.partition("@")[0]) > LONGEST_LOCAL:
            raise ConfigError("mail.returns", "sender-too-long")
        if bool(mail.talk_domain) != (mail.talks is not None):
            raise ConfigError("mail.talks", "domain-and-folder")
        if mail.talk_domain and not DOMAIN.fullmatch(mail.talk_domain):
            raise ConfigError("mail.talk_domain", "not-a-name")

    @staticmethod
    def _portal(settings: Settings) -> None:
        portal = settings.portal
        for name in ("url", "interface", "ssid") if portal.listen else ():
            if not getattr(portal, name):
                raise ConfigError(f"portal.{name}", "absent")
        if bool(portal.secure) != (portal.certificate is not None and portal.key is not None):
            raise ConfigError("portal.secure", "certificate-and-key")
        if settings.users.apart and portal.listen and not settings.users.portal:
            raise ConfigError("users.portal", "absent")
        if settings.users.apart and portal.listen and settings.event.dnstap and not settings.users.tap:
            raise ConfigError("users.tap", "absent")

    def _own_folders(self, settings: Settings) -> None:
        """The folders of its lists are opened to a process that must not read the state."""
        for name in ("block_list", "dynamic_ranges", "accounts", "mail_log"):
            self._apart(settings, getattr(settings.policy, name), f"policy.{name}")

    def _policy(self, settings: Settings) -> None:
        policy = settings.policy
        if not re.fullmatch(HOST + PORT + "|", policy.listen):
            raise ConfigError("policy.listen", "not-an-address-and-port")
        if policy.domain and not re.fullmatch(HOST, policy.domain):
            raise ConfigError("policy.domain", "not-of-its-form")
        for name, host in (("milter", HOST), ("resolver", ADDRESS)):
            if not re.fullmatch(host + PORT + "|", getattr(policy, name)):
                raise ConfigError(f"policy.{name}", "not-an-address-and-port")
        if policy.label_by and not re.fullmatch(HOST, policy.label_by):
            raise ConfigError("policy.label_by", "not-of-its-form")
        absent = [n for n in ("listen", "label_by", "resolver") if policy.milter and not getattr(policy, n)]
        if absent:
            raise ConfigError(f"policy.{absent[0]}", "absent")
        self._own_folders(settings)
        if settings.users.apart and policy.listen and not settings.users.policy:
            raise ConfigError("users.policy", "absent")

    def _resolver(self, settings: Settings) -> None:
        """The list and the resolver's databases are opened to others than who holds the state; `hold` is who writes them."""
        access = settings.access
        self._apart(settings, access.names, "access.names")
        self._apart(settings, access.tariffs / "texts" if access.tariffs else None, "access.tariffs")
        self._apart(settings, access.resolver / "names.cdb" if access.resolver else None, "access.resolver")
        if access.resolver and not (access.kernel and access.names):
            raise ConfigError("access.names" if access.kernel else "access.kernel", "absent")

    @staticmethod
    def _apart(settings: Settings, path: Path | None, where: str) -> None:
        if path is None:
            return
        state, own = settings.folder.resolve(), path.resolve().parent
        if state.is_relative_to(own) or own.is_relative_to(state):
            raise ConfigError(where, "not-a-folder-of-its-own")

    def _reachable(self, settings: Settings) -> None:
        """Addresses, ports and what may stand in one place of several."""
        host, _, port = settings.intake.flows.rpartition(":")
        try:
            ipaddress.ip_address(host.strip("[]"))
            fits = 0 < int(port) < PORTS
        except ValueError:
            fits = False
        if not fits:
            raise ConfigError("intake.flows", "not-an-address-and-port")
        if settings.users.apart and settings.scan.socket and not settings.users.scan:
            raise ConfigError("users.scan", "absent")
        self._policy(settings)
        self._resolver(settings)
        self._mail(settings.mail)
        if settings.users.apart and settings.submission.listen and not settings.users.submission:
            raise ConfigError("users.submission", "absent")
        wrong = [f"access.{n}" for n, form in ACCESS.items() if not re.fullmatch(form, getattr(settings.access, n))]
        wrong += [f"event.{n}" for n, form in EVENT.items() if not re.fullmatch(form, getattr(settings.event, n))]
        wrong += [f"submission.{n}" for n, form in SUBMISSION.items() if not re.fullmatch(form, getattr(settings.submission, n))]
        self._portal(settings)
        wrong += [f"portal.{n}" for n, form in PORTAL.items() if not re.fullmatch(form, getattr(settings.portal, n))]
        for where in wrong:
            raise ConfigError(where, "not-of-its-form")
        if not settings.console.url.startswith(("http://", "https://")):
            raise ConfigError("console.url", "not-a-url")

    @staticmethod
    def _table(raw: dict[str, Any], where: str) -> dict[str, Any]:
        value = raw.get(where, {})
        if not isinstance(value, dict):
            raise ConfigError(where, "not-a-table")
        return dict(value)

    @staticmethod
    def _list(value: object, where: str) -> list[object]:
        if not isinstance(value, list):
            raise ConfigError(where, "not-a-list")
        return value

    @staticmethod
    def _prefix(value: object) -> str:
        try:
            if not isinstance(value, str):
                raise ValueError(value)
            return str(ipaddress.ip_network(value))
        except ValueError as why:
            raise ConfigError(f"network.prefixes: {value}", "not-a-prefix") from why

    @staticmethod
    def _address(value: object) -> str:
        try:
            if not isinstance(value, str):
                raise ValueError(value)
            return str(ipaddress.ip_address(value))
        except ValueError as why:
            raise ConfigError(f"intake.exporters: {value}", "not-an-address") from why

    @staticmethod
    def _public_key(value: object) -> str:
        if not isinstance(value, str) or not PUBLIC_KEY.fullmatch(value):
            raise ConfigError(f"publishers: {value}", "not-a-public-key")
        return value

    @staticmethod
    def _zone(value: object, where: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > FARTHEST_ZONE:
            raise ConfigError(where, "not-a-zone")

    @staticmethod
    def _whole(value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise ConfigError(where, "not-a-positive-number")
        return value

    @staticmethod
    def _switch(value: object, where: str) -> bool:
        if not isinstance(value, bool):
            raise ConfigError(where, "not-yes-or-no")
        return value

    @staticmethod
    def _only(raw: dict[str, Any], known: set[str], where: str) -> None:
        for key in raw:
            if key not in known:
                raise ConfigError(f"{where}{key}", "unknown-setting")

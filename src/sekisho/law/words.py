"""The words everything else is said in. Each value is one the case book may use; anything else is refused.

A `Step` is what is decided: one act on named elements for one purpose and one audience, never "the project".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

Value: TypeAlias = "None | bool | int | str | tuple[Value, ...] | Mapping[str, Value]"
"""What facts, evidence and scopes are made of. No floats: what is signed must have one spelling."""

Words: TypeAlias = Mapping[str, str]
"""A sentence by language: {"ja": ..., "en": ...}. The Japanese one is the source."""


def nothing() -> Mapping[str, Value]:
    """An empty mapping nobody can fill."""
    return MappingProxyType({})


class Element(StrEnum):
    """Part of a communication (構成要素)."""

    CONTENT = "content"  # 内容
    PARTY = "party"  # 当事者: name, address, identifier, IP address, telephone number
    COUNTERPART = "counterpart"  # 相手方: destination address, FQDN, URL, mail address
    DATETIME = "datetime"  # 日時
    PLACE = "place"  # 発信場所
    COUNT = "count"  # 個数・通信量
    EXISTENCE = "existence"  # 存否
    HEADER = "header"  # その他ヘッダ、ポート、データ長
    INFERABLE = "inferable"  # 以上を実質的に推知させる事項


class Act(StrEnum):
    """What is done with elements (知得・窃用・漏えい), and, on the personal-data axis, with personal data."""

    LEARN = "learn"  # 知得
    USE = "use"  # 窃用; for personal data 利用
    DISCLOSE = "disclose"  # 漏えい
    COLLECT = "collect"  # 取得
    ENTRUST = "entrust"  # 委託
    PROVIDE = "provide"  # 第三者提供


class Kind(StrEnum):
    """What the world notices of a step; decides, with the elements, which axes apply."""

    COLLECT = "collect"
    LOOK = "look"
    MATCH = "match"
    IDENTIFY = "identify"
    BLOCK = "block"
    THROTTLE = "throttle"
    SEND = "send"
    HAND_OVER = "hand-over"
    DELETE = "delete"
    DISCLOSE = "disclose"
    PUBLISH = "publish"


class Axis(StrEnum):
    """Every axis that applies to a step must pass."""

    SECRECY = "secrecy"  # 通信の秘密
    CENSORSHIP = "censorship"  # 検閲の禁止
    FAIRNESS = "fairness"  # 利用の公平
    PERSONAL_DATA = "personal-data"  # 個人情報保護
    CONTRACT = "contract"  # 契約・約款
    DUTIES = "duties"  # 事後の義務


class Ground(StrEnum):
    """Why a step may be lawful."""

    CONSENT = "G1"  # 個別具体的・明確な同意
    TERMS = "G2"  # 約款等による事前の包括同意
    DEFAULT_ON = "G2-5"  # 初期設定オンの五条件
    BUSINESS = "G3"  # 正当業務行為
    SELF_DEFENCE = "G4"  # 正当防衛
    NECESSITY = "G5"  # 緊急避難
    STATUTE = "G6"  # 法令・令状
    NOT_SECRECY = "G0"  # 通信の秘密に当たらない
    RULE = "rule"  # a rule of another axis than secrecy (purpose, fairness, ...)
    NONE = "none"  # the authority says: no ground carries this


class Authority(StrEnum):
    """Who said it. Shown with every answer; a ministry's view is not a judgment."""

    STATUTE = "A1"
    COURT = "A2"
    MINISTRY = "A3"
    INDUSTRY = "A4"
    SCHOLAR = "A5"
    PRESS = "A6"
    OPERATOR = "A0"


class Certainty(StrEnum):
    """How sure the case book is of a row. MEM and INF never decide alone."""

    LAW = "LAW"  # the text itself was read
    SEED = "SEED"  # said in a founding document
    SRC = "SRC"  # found in a stored source
    MEM = "MEM"  # from memory
    INF = "INF"  # inferred from a cited rule

    @property
    def decides_alone(self) -> bool:
        return self not in (Certainty.MEM, Certainty.INF)


class Regime(StrEnum):
    """Which secrecy law binds the actor. There is no value for "none": nobody is outside."""

    TBA = "TBA"  # 電気通信事業法
    TBA_EXEMPT = "TBA-exempt"  # 同法164条の適用除外
    WIRE = "WIRE"  # 有線電気通信法
    RADIO = "RADIO"  # 電波法


class Role(StrEnum):
    """People of the operator, and outside."""

    ENGINEER = "engineer"
    DESK = "desk"
    HELP_DESK = "help-desk"
    REVIEWER = "reviewer"
    OFFICER = "legal-officer"
    WINDOW = "responsible-window"
    KEY_HOLDER = "key-holder"
    AUDITOR = "auditor"
    SUBSCRIBER = "subscriber"
    ATTENDEE = "attendee"
    POSTER = "poster"
    PARTICIPANT = "participant"
    REPORTER = "reporter"
    CONTRACTOR = "contractor"
    OUTSIDE_REVIEWER = "outside-reviewer"


class VouchedBy(StrEnum):
    """How a piece of evidence came to be believed. A proposer never vouches."""

    PROBE = "probe"  # measured by a named probe of ours
    DOCUMENT = "document"  # a document, by digest, laid in by a role
    STATEMENT = "statement"  # signed by a person in a role


@dataclass(frozen=True)
class Step:
    """One act on named elements for one purpose and one audience: the thing that is decided."""

    name: str
    kind: Kind
    acts: frozenset[Act]
    elements: frozenset[Element]
    purpose: str
    audience: frozenset[str] = frozenset({"operator"})


@dataclass(frozen=True)
class Voucher:
    """Who stands behind evidence: a probe's name, a document's digest, or a person's id.

    `role` is the role in which a document was laid in or a statement made; `person` is who laid the document in.
    """

    by: VouchedBy
    who: str
    role: Role | None = None
    person: str = ""

    @property
    def answers(self) -> str:
        """The person who answers for it; empty for a probe."""
        return "" if self.by is VouchedBy.PROBE else self.person or ("" if self.by is VouchedBy.DOCUMENT else self.who)


@dataclass(frozen=True)
class Evidence:
    """A fact somebody answers for. It serves one purpose only; a second use is a new decision."""

    kind: str
    value: Mapping[str, Value]
    purpose: str
    voucher: Voucher
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What somebody wants to do, on which day, with what they can show.

    `scope` narrows the steps to streams, rows, targets and terms; it is what a permit will carry.
    """

    measure: str
    actor: str
    proposer: str
    regime: Regime
    steps: tuple[Step, ...]
    day: date
    until: datetime
    scope: Mapping[str, Value] = field(default_factory=nothing)
    facts: Mapping[str, Value] = field(default_factory=nothing)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Condition:
    """One checkable sentence of a case, with the name of its check and what the check is told."""

    id: str
    check: str
    words: Words
    params: Mapping[str, Value] = field(default_factory=nothing)


@dataclass(frozen=True)
class Duty:
    """What must be done once the step is: within how long, and in whose words."""

    do: str
    within: timedelta
    words: Words


@dataclass(frozen=True)
class Dissent:
    """Who sees it otherwise, in which source: shown beside the rule, never weighed by the gate."""

    words: Words
    source: str
    authority: Authority


@dataclass(frozen=True)
class Case:
    """A dated entry of the case book. Never edited: an `until` is added, and a new case beside it.

    `steps` names steps of `measure`; a general case (`measure = "*"`) names `kinds` instead.
    `signatures` is how many reviewers must approve; `seen` is the day somebody last read the source. `sure_from` is the
    first day a source attests where `since` is from memory. `rows` are further ids of law that the case carries beside the one
    in its own id; `cites` are articles as they were numbered on the first day ("PLAT 4(1)").
    """

    id: str
    measure: str
    axis: Axis
    ground: Ground
    authority: Authority
    certainty: Certainty
    title: Words
    source: str
    since: date
    seen: date
    conditions: tuple[Condition, ...]
    acts: frozenset[Act]
    elements: frozenset[Element]
    until: date | None = None
    sure_from: date | None = None
    steps: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    audience: frozenset[str] = frozenset({"operator"})
    regimes: frozenset[Regime] = frozenset(Regime)
    duties: tuple[Duty, ...] = ()
    signatures: int = 0
    longest: timedelta | None = None
    ask: Words | None = None
    notes: Words | None = None
    rows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    dissent: tuple[Dissent, ...] = ()

    def certainty_on(self, day: date) -> Certainty:
        """How sure the book is that the case holds on that day: from memory where only a remembered date says so."""
        remembered = self.sure_from is not None and day < self.sure_from
        return Certainty.MEM if remembered and self.certainty.decides_alone else self.certainty


@dataclass(frozen=True)
class EvidenceKind:
    """What a kind of evidence must hold, who may vouch for it, and for how long it is fresh.

    `fields` maps a field to its type name: str, int, bool, day, digest, list or words. Everything named is required.
    `probes` are the names of the probes that may vouch for it.
    """

    name: str
    title: Words
    fields: Mapping[str, str]
    vouchers: frozenset[VouchedBy]
    roles: frozenset[Role]
    fresh: timedelta | None = None
    probes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AxisRule:
    """When an axis applies to a step: any of these elements or kinds or acts, for operators under one of these regimes."""

    axis: Axis
    title: Words
    elements: frozenset[Element] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    acts: frozenset[Act] = frozenset()
    regimes: frozenset[Regime] = frozenset(Regime)


@dataclass(frozen=True)
class About:
    """A measure for people: its title, what somebody who needs it says ("we want to ..."), and what each step does."""

    title: Words
    want: Mapping[str, tuple[str, ...]]
    steps: Mapping[str, Words]


@dataclass(frozen=True)
class Example:
    """A worked question kept beside the case it belongs to; the tests run every one.

    `because` says in each language what it is about; its English is what a worked question is known by from one edition to the next.
    `given` changes the file's `[complete]` plan. With `case`, the question is about that case alone; else about the whole step.
    `missing` names the conditions that must fail, and no others. `confirmed` names the cases the legal officer has confirmed.
    `base` changes the plan first: what a case says otherwise than the file.
    """

    file: str
    measure: str
    step: str
    because: Words
    on: date
    given: Mapping[str, Value]
    expect: str
    missing: tuple[str, ...] = ()
    case: str | None = None
    confirmed: frozenset[str] = frozenset()
    base: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Complete:
    """Everything at hand for one file of the book: the plan its examples are variations of. `evidence` is values by kind.

    A whole number in the place of a day is so many days from the day of the act: -2 is the day before yesterday.

    `steps` are the file's: the declared steps of a measure, or a general file's samples. `of`: what is otherwise for a step.
    """

    file: str
    steps: tuple[Step, ...]
    day: date
    regime: Regime
    scope: Mapping[str, Value]
    evidence: Mapping[str, Mapping[str, Value]]
    of: Mapping[str, Mapping[str, Value]] = field(default_factory=lambda: MappingProxyType({}))

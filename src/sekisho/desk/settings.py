"""What an installation is told, as values. What widens collecting, keeping or showing is not here: it is a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from pathlib import Path

from sekisho.law.incident import Rung
from sekisho.law.words import Regime


@dataclass(frozen=True)
class Operator:
    """The legal entity this installation is. `one_person` says so honestly where nobody else could sign.

    `large_platform`: designated under article 20 of the Information Distribution Platform Act, so that its clocks run too.
    """

    name: str
    window: str
    window_phone: str = "-"
    window_hours: str = "-"
    help_url: str = "https://example.invalid/help"
    regime: Regime = Regime.TBA
    one_person: bool = False
    large_platform: bool = False


@dataclass(frozen=True)
class Intake:
    """Where exporters send and RADIUS writes. `rotate_seconds`: how long a segment grows before it is closed.

    `exporters`: the only addresses that are heard; none named, all are. `accounting_zone_minutes`: east of UTC, of the RADIUS
    server's clock; not told, the log's own lines tell no time and only its attributes do.
    """

    flows: str = "127.0.0.1:2055"
    workers: int = 1
    accounting: Path | None = None
    receive_buffer: int = 4 << 20
    rotate_seconds: int = 30
    exporters: tuple[str, ...] = ()
    accounting_zone_minutes: int | None = None

    @property
    def accounting_zone(self) -> timezone | None:
        """As a zone, where it is told."""
        return None if self.accounting_zone_minutes is None else timezone(timedelta(minutes=self.accounting_zone_minutes))


@dataclass(frozen=True)
class Network:
    """Our own prefixes: they alone tell `line` from `peer`."""

    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mail:
    """The submission server `act` hands mail to, the address it is from, and by what it is asked what became of a campaign's mails."""

    host: str = "127.0.0.1"
    port: int = 25
    sender: str = ""
    sender_name: str = ""
    helo: str = "localhost"
    tls: str = "starttls"
    training_port: int = 0
    log: Path | None = None
    postfix: Path | None = None
    settle_seconds: int = 2
    dkim_selector: str = ""
    dkim_key: Path | None = None
    returns: Path | None = None
    talks: Path | None = None
    talk_domain: str = ""


@dataclass(frozen=True)
class Console:
    """Where the console listens. Passkeys bind to the name, so it is `localhost` unless TLS stands in front."""

    host: str = "127.0.0.1"
    port: int = 8470
    name: str = "localhost"
    url: str = "http://localhost:8470"


@dataclass(frozen=True)
class Letters:
    """The operator's key for signing letters: a PKCS#12 file with its certificate, read by who prints letters at the terminal.

    `passphrase`: a file that holds it. Without a key letters are not signed.
    """

    key: Path | None = None
    passphrase: Path | None = None


@dataclass(frozen=True)
class Scan:
    """The malware scanner that attached files are shown to: the path of clamd's socket. None: no file is scanned, and each says so.

    `seconds`: how long one file may take.
    """

    socket: Path | None = None
    seconds: int = 60


@dataclass(frozen=True)
class Users:
    """The system user each process runs as, where `run` is started by root. Empty: as whoever starts it.

    `scan`: for the process that talks to the malware scanner, where one is set up; `policy`: for the one that answers the mail server;
    `submission`: for the one that takes contractors' mailings; `portal`: for the one that shows attendees
    the page that asks; `tap`: for the one that counts what those who agreed look up.
    """

    keep: str = ""
    collect: str = ""
    work: str = ""
    act: str = ""
    show: str = ""
    scan: str = ""
    policy: str = ""
    submission: str = ""
    portal: str = ""
    tap: str = ""

    @property
    def apart(self) -> bool:
        """Whether every process has a user, and no two share one."""
        names = (self.keep, self.collect, self.work, self.act, self.show)
        every = [*names, *(n for n in (self.scan, self.policy, self.submission, self.portal, self.tap) if n)]
        return all(names) and len(set(every)) == len(every)


@dataclass(frozen=True)
class Service:
    """A service with posts whose sealed sender records we are given: in its own `database` (an SQLAlchemy URL) or as lines in `records`.

    `operators`: a table of lines `prefix,name` that tells whose network an address is of; without it a first view shows the prefix alone.
    """

    name: str
    database: str = ""
    records: Path | None = None
    operators: Path | None = None


@dataclass(frozen=True)
class Access:
    """`kernel`: held to the permits here, in the network namespace `namespace`. `submission`: where customers hand in mail, host:port.

    `resolver`: a folder of its own, where dnsdist reads which names are filtered for whom, and it answers at `resolver_at`, host:port.
    `names`: our copy of a list of names, in a folder of its own. `tariffs`: a folder with the texts published for both positions of the
    switch of each filter.
    """

    kernel: bool = False
    namespace: str = ""
    submission: str = ""
    resolver: Path | None = None
    resolver_at: str = "127.0.0.1:53"
    names: Path | None = None
    tariffs: Path | None = None


@dataclass(frozen=True)
class Policy:
    """Where the mail server asks us what to do with a mail, host:port of ours; empty, it is not answered.

    `domain`: what is put behind the name of an account that is no address, to write to its owner. `block_list`: our copy of a list of
    sources whose mail is refused to recipients who agreed to that, in a folder of its own, and so does `accounts`: when
    each of our mail accounts was opened, under which plan. `milter`: where the mail server shows mails that
    get labels, host:port of ours; `label_by`: our name in them; `resolver`: the resolver that is asked about senders, address:port.
    `dynamic_ranges`: our copy of the published dynamic address ranges of other providers, in a folder of its own likewise.
    `mail_log`: what the mail server writes down of log-ins and deliveries, in a folder of its own; read while a permit says so.
    """

    listen: str = ""
    domain: str = ""
    block_list: Path | None = None
    accounts: Path | None = None
    milter: str = ""
    label_by: str = ""
    resolver: str = ""
    dynamic_ranges: Path | None = None
    mail_log: Path | None = None


@dataclass(frozen=True)
class Submission:
    """Where contractors hand in mailings by SMTP, host:port of this machine; empty: nowhere. `domain`: of the aliases they write to."""

    listen: str = ""
    domain: str = "people.invalid"


@dataclass(frozen=True)
class Incident:
    """When something happened: the ladder of who must have it within how many minutes, and who hears complaints about our own people."""

    ladder: tuple[Rung, ...] = ()
    outside_body: str = ""
    outside_contact: str = ""
    outside_key: str = ""


@dataclass(frozen=True)
class Event:
    """An event's network and what counts there. `interface`: towards the Internet. `leases`: the control socket of Kea. `wifi`: a file
    that a script of the venue writes. `resolver`: unbound:SOCKET, bind:URL or dnsdist:URL; `resolver_key`: a file with dnsdist's API key.

    `decide_minutes`: how long somebody named may take over an objection to a panel; `answer_minutes`: over a warning, which stops nothing.
    `dnstap`: a socket of ours that dnsdist writes dnstap to, of those alone whom the gateway leads to its port `dnstap_port`.
    """

    name: str = ""
    interface: str = ""
    resolver: str = ""
    resolver_key: Path | None = None
    dnstap: Path | None = None
    dnstap_port: int = 5300
    leases: Path | None = None
    wifi: Path | None = None
    decide_minutes: int = 30
    answer_minutes: int = 240


@dataclass(frozen=True)
class Portal:
    """Where attendees are asked. `listen`: host:port of the page, plain; empty: nobody is asked. `secure`: the same over TLS, with
    `certificate` and `key` (PEM). `url`: how a device comes there. `namespace`, `interface`: where attendees come in. `ssid`: the
    network's name, part of what an answer belongs to.
    """

    listen: str = ""
    secure: str = ""
    certificate: Path | None = None
    key: Path | None = None
    url: str = ""
    namespace: str = ""
    interface: str = ""
    ssid: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything an installation is told. `folder` holds state; `book`, `texts` and `lists` are data it reads.

    `publishers`: public keys (hex) whose signed case books may be loaded; none named, only the shipped one is used. `canaries`: a
    list (CSV) of people of our own, whose addresses are a mailbox of ours: some stand in each list that is handed over. `owners`: to
    whom a case of a procedure belongs that came by a public door, by name or id; unnamed, nobody until somebody takes it over.
    """

    folder: Path
    operator: Operator
    book: Path
    texts: Path
    lists: tuple[Path, ...] = ()
    intake: Intake = field(default_factory=Intake)
    network: Network = field(default_factory=Network)
    mail: Mail = field(default_factory=Mail)
    console: Console = field(default_factory=Console)
    letters: Letters = field(default_factory=Letters)
    scan: Scan = field(default_factory=Scan)
    users: Users = field(default_factory=Users)
    look_seconds: int = 60
    demo: bool = False
    cards: Path | None = None
    publishers: tuple[str, ...] = ()
    service: tuple[Service, ...] = ()
    canaries: Path | None = None
    access: Access = field(default_factory=Access)
    policy: Policy = field(default_factory=Policy)
    submission: Submission = field(default_factory=Submission)
    event: Event = field(default_factory=Event)
    portal: Portal = field(default_factory=Portal)
    owners: Mapping[str, str] = field(default_factory=dict)
    incident: Incident = field(default_factory=Incident)

    def service_of(self, name: str) -> Service | None:
        """The service of that name, if it is ours."""
        return next((s for s in self.service if s.name == name), None)

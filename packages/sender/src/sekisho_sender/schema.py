"""The table in the service's own database, and its triggers: it is append-only, and no post is without its record.

SQLite and PostgreSQL. Every statement may be run again. `append_only` guards the table itself: rows are added, never changed or deleted,
and only `opened` grows. The same statements bring a table of an earlier version up to date: there the index was made with a secret of the
service and would outlive the keys, so it is emptied, and nothing else of the row.

`required` guards a table of posts: at the commit each new row has its record, whoever wrote it: an ORM, a bulk insert, a script in another
language. On SQLite that takes `PRAGMA foreign_keys = ON`; a connection without it cannot add posts at all.
"""

from __future__ import annotations

import re
from textwrap import dedent

from sekisho_sender.record import SubjectKind

TABLE = "sekisho_sender_record"
COLUMNS = ("id", "subject_kind", "subject", "seen_day", "key_id", "sealed", "ip_index", "opened")
DIALECTS = ("sqlite", "postgresql")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,50}")


def table(dialect: str) -> list[str]:
    """The statements that make the table. `sealed` is `sks1`; `ip_index` the blind index (`seal.blind_index`), or null where the address is
    not known."""
    blob = {"sqlite": "BLOB", "postgresql": "BYTEA"}[known(dialect)]
    return [filled(CREATED, {"blob": blob}), INDEXED]


def append_only(dialect: str) -> list[str]:
    """The statements that guard the table of records, and bring one of an earlier version up to date."""
    return [*(SQLITE if known(dialect) == "sqlite" else POSTGRESQL), EMPTIED]


def behind(dialect: str) -> str:
    """A question to a table that is there, answered only where it has no guard, or an earlier version's, or its index: run `append_only`
    then. Where several workers start at once, `alone` goes before the question."""
    return SQLITE_BEHIND if known(dialect) == "sqlite" else POSTGRESQL_BEHIND


def alone(dialect: str) -> list[str]:
    """What makes the others wait until the end of the transaction. Before anything else in it: who has looked at the table holds it."""
    return [] if known(dialect) == "sqlite" else [POSTGRESQL_ALONE]


def required(dialect: str, posts: str, column: str = "id", kind: str = "post") -> list[str]:
    """The statements that make `posts` refuse, at the commit, a row whose `column` is no subject of a record of this kind.
    Raises ValueError for a name that is no plain identifier."""
    for name in (posts, column):
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no plain name of a table or column")
    names = {"trigger": f"sekisho_required_{posts}"[:50], "posts": posts, "column": column, "kind": SubjectKind(kind).value}
    if known(dialect) == "postgresql":
        drop = filled('DROP TRIGGER IF EXISTS "(trigger)" ON "(posts)"', names)
        return [POSTGRESQL_REQUIRED, drop, filled(POSTGRESQL_TRIGGER, names)]
    moments = {"new": "INSERT", "moved": f'UPDATE OF "{column}"'}
    return [filled(SQLITE_TRIGGER, {**names, "moment": moment, "when": when}) for moment, when in moments.items()]


def filled(template: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        template = template.replace(f"({name})", value)
    return template


def known(dialect: str) -> str:
    if dialect not in DIALECTS:
        raise ValueError(f"{dialect}: sender records are kept in {' or '.join(DIALECTS)}")
    return dialect


CREATED = dedent("""\
    CREATE TABLE IF NOT EXISTS sekisho_sender_record (
      id TEXT NOT NULL PRIMARY KEY, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, seen_day TEXT NOT NULL,
      key_id TEXT NOT NULL, sealed (blob) NOT NULL, ip_index TEXT, opened INTEGER NOT NULL DEFAULT 0,
      UNIQUE (subject_kind, subject))""")
EMPTIED = "UPDATE sekisho_sender_record SET ip_index = NULL WHERE ip_index < 'sks1:'"
INDEXED = "CREATE INDEX IF NOT EXISTS sekisho_sender_record_ip ON sekisho_sender_record (ip_index)"
SQLITE = [
    dedent("""\
    CREATE TABLE IF NOT EXISTS sekisho_sender_due (
      subject_kind TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (subject_kind, subject),
      FOREIGN KEY (subject_kind, subject) REFERENCES sekisho_sender_record (subject_kind, subject) DEFERRABLE INITIALLY DEFERRED)"""),
    dedent("""\
    CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_once BEFORE INSERT ON sekisho_sender_record BEGIN
      SELECT RAISE(ABORT, 'sekisho: a sender record is written once')
        WHERE NEW.opened <> 0 OR EXISTS (SELECT 1 FROM sekisho_sender_record
          WHERE id = NEW.id OR (subject_kind = NEW.subject_kind AND subject = NEW.subject));
    END"""),
    dedent("""\
    CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_kept AFTER INSERT ON sekisho_sender_record BEGIN
      DELETE FROM sekisho_sender_due WHERE subject_kind = NEW.subject_kind AND subject = NEW.subject;
    END"""),
    dedent("""\
    CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_stays BEFORE DELETE ON sekisho_sender_record BEGIN
      SELECT RAISE(ABORT, 'sekisho: sender records are not deleted; their keys are');
    END"""),
    dedent("""\
    CREATE TRIGGER IF NOT EXISTS sekisho_sender_record_unchanged BEFORE UPDATE ON sekisho_sender_record
      WHEN NEW.id IS NOT OLD.id OR NEW.subject_kind IS NOT OLD.subject_kind OR NEW.subject IS NOT OLD.subject
        OR NEW.seen_day IS NOT OLD.seen_day OR NEW.key_id IS NOT OLD.key_id OR NEW.sealed IS NOT OLD.sealed
        OR (NEW.ip_index IS NOT OLD.ip_index AND (NEW.ip_index IS NOT NULL OR OLD.ip_index >= 'sks1:'))
        OR typeof(NEW.opened) <> 'integer' OR NEW.opened < OLD.opened BEGIN
      SELECT RAISE(ABORT, 'sekisho: a sender record never changes; only the count of its openings grows');
    END"""),
    "DROP TRIGGER IF EXISTS sekisho_sender_record_same",
]
SQLITE_BEHIND = dedent("""\
    SELECT 1 WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'sekisho_sender_record_same')
      OR NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'sekisho_sender_record_unchanged')
      OR EXISTS (SELECT 1 FROM sekisho_sender_record WHERE ip_index < 'sks1:')""")
SQLITE_TRIGGER = dedent("""\
    CREATE TRIGGER IF NOT EXISTS "(trigger)_(moment)" AFTER (when) ON "(posts)" BEGIN
      SELECT RAISE(ABORT, 'sekisho: PRAGMA foreign_keys is off, so nobody could tell whether this post has its sender record')
        FROM pragma_foreign_keys WHERE foreign_keys = 0;
      INSERT OR IGNORE INTO sekisho_sender_due VALUES ('(kind)', CAST(NEW."(column)" AS TEXT));
    END""")
POSTGRESQL = [
    dedent("""\
    CREATE OR REPLACE FUNCTION sekisho_sender_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'INSERT' THEN
        IF NEW.opened = 0 THEN RETURN NEW; END IF;
      ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.opened >= OLD.opened AND (NEW.id, NEW.subject_kind, NEW.subject, NEW.seen_day, NEW.key_id, NEW.sealed)
          IS NOT DISTINCT FROM (OLD.id, OLD.subject_kind, OLD.subject, OLD.seen_day, OLD.key_id, OLD.sealed)
          AND (NEW.ip_index IS NOT DISTINCT FROM OLD.ip_index OR (NEW.ip_index IS NULL AND OLD.ip_index < 'sks1:'))
        THEN RETURN NEW; END IF;
      END IF;
      RAISE EXCEPTION 'sekisho: a sender record never changes and is not deleted; only the count of its openings grows';
    END $$"""),
    "DROP TRIGGER IF EXISTS sekisho_sender_record_same ON sekisho_sender_record",
    dedent("""\
    CREATE TRIGGER sekisho_sender_record_same BEFORE INSERT OR UPDATE OR DELETE ON sekisho_sender_record
      FOR EACH ROW EXECUTE FUNCTION sekisho_sender_append_only()"""),
    "DROP TRIGGER IF EXISTS sekisho_sender_record_stays ON sekisho_sender_record",
    dedent("""\
    CREATE TRIGGER sekisho_sender_record_stays BEFORE TRUNCATE ON sekisho_sender_record
      FOR EACH STATEMENT EXECUTE FUNCTION sekisho_sender_append_only()"""),
]
POSTGRESQL_BEHIND = dedent("""\
    SELECT 1 WHERE EXISTS (SELECT 1 FROM sekisho_sender_record WHERE ip_index < 'sks1:') OR NOT EXISTS (
      SELECT 1 FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = to_regclass('sekisho_sender_record')
        AND tgname = 'sekisho_sender_record_same' AND position('sks1:' IN prosrc) > 0)""")
POSTGRESQL_ALONE = "SELECT pg_advisory_xact_lock(hashtext('sekisho_sender_record'))"
POSTGRESQL_TRIGGER = dedent("""\
    CREATE CONSTRAINT TRIGGER "(trigger)" AFTER INSERT OR UPDATE OF "(column)" ON "(posts)" DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION sekisho_sender_required('(kind)', '(column)')""")
POSTGRESQL_REQUIRED = dedent("""\
    CREATE OR REPLACE FUNCTION sekisho_sender_required() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM sekisho_sender_record WHERE subject_kind = TG_ARGV[0] AND subject = to_jsonb(NEW) ->> TG_ARGV[1]) THEN
        RAISE EXCEPTION USING MESSAGE = 'sekisho: a row of ' || TG_TABLE_NAME || ' has no sender record and is refused';
      END IF;
      RETURN NULL;
    END $$""")

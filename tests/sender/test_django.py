"""Database mode in Django, in the example chat's own project: whatever adds a post adds its record, or adds nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

from sekisho_sender.at_hand import Refused, Why, at_hand
from sekisho_sender.capture import utc_us
from tests.sender.keys import request_at, telling


@pytest.fixture(scope="module", autouse=True)
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The chat's settings, in this process; one database for the module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAT_HOME", str(tmp_path_factory.mktemp("django")))
        patch.setenv("DJANGO_SETTINGS_MODULE", "examples.services.django_chat.settings")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        setup_test_environment()
        yield
        teardown_test_environment()
        connection.close()


def models() -> tuple[Any, Any]:
    from examples.services.django_chat.models import Post
    from sekisho_sender.django.models import SenderRecord

    return Post, SenderRecord


def counts() -> tuple[int, int]:
    return models()[0].objects.count(), models()[1].objects.count()


@pytest.fixture
def before() -> tuple[int, int]:
    return counts()


async def ask_asgi(client: tuple[str, int]) -> int:
    """Post the form to the ASGI application from this address; the status."""
    from django.core.asgi import get_asgi_application

    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": urlencode(FORM).encode()}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else await asyncio.Event().wait()  # type: ignore[return-value] - never returns

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": "/posts", "query_string": b"", "headers": headers, "client": client}
    await get_asgi_application()({**scope, "server": ("198.51.100.7", 443), "http_version": "1.1"}, receive, send)
    return int(sent[0]["status"])


FORM = {"author": "花子", "body": "元気？"}


def test_saving_a_post_in_a_request_writes_its_record_and_saving_it_again_does_not(before: tuple[int, int]) -> None:
    post, record = models()
    with telling(request_at(utc_us())):
        one = post(author="花子", body="a")
        one.save()
        one.body = "edited"
        one.save()
        post.objects.create(author="花子", body="b")
    assert counts() == (before[0] + 2, before[1] + 2)
    row = record.objects.get(subject=str(one.pk))
    assert (row.subject_kind, row.opened, bytes(row.sealed)[:4]) == ("post", 0, b"sks1")
    assert one.times_opened() == 0
    assert one.sender_record_id() == row.id
    assert post(author="a", body="never saved").sender_record_id() == ""


def test_on_postgresql_a_post_has_its_record_or_is_not_there(postgres: str) -> None:
    from urllib.parse import urlsplit

    from django.core.management import call_command
    from django.db import connections

    at = urlsplit("pg" + postgres)
    told = {"ENGINE": "django.db.backends.postgresql", "NAME": "django_chat", "USER": at.username, "HOST": at.hostname, "PORT": at.port}
    connections.databases["pg"] = connections.configure_settings({"default": {}, "pg": told})["pg"]
    import psycopg

    with psycopg.connect(f"host={at.hostname} port={at.port} user={at.username} dbname=postgres", autocommit=True) as server:
        server.execute("CREATE DATABASE django_chat")
    post, record = models()
    try:
        call_command("migrate", database="pg", verbosity=0)
        with telling(request_at(utc_us())):
            one = post(author="花子", body="a")
            one.save(using="pg")
        row = record.objects.using("pg").get()
        assert (row.subject, bytes(row.sealed)[:4], one.sender_record_id(), one.times_opened()) == (str(one.pk), b"sks1", row.id, 0)
        with pytest.raises(Refused):
            post(author="a", body="nobody").save(using="pg")
        with pytest.raises(DatabaseError), connections["pg"].cursor() as cursor:
            cursor.execute("INSERT INTO django_chat_post (author, body) VALUES ('a', 'round the models')")
        for change in ("UPDATE sekisho_sender_record SET subject = '9'", "DELETE FROM sekisho_sender_record"):
            with pytest.raises(DatabaseError), connections["pg"].cursor() as cursor:
                cursor.execute(change)
        assert post.objects.using("pg").count() == record.objects.using("pg").count() == 1
    finally:
        connections["pg"].close()
        del connections.databases["pg"]


def test_a_migration_empties_the_index_of_the_first_version_and_changes_nothing_else(tmp_path: Path) -> None:
    from django.core.management import call_command
    from django.db import connections

    told = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "old.db"}
    connections.databases["old"] = connections.configure_settings({"default": {}, "old": told})["old"]
    then = (Path(__file__).parent / "first_version" / "sqlite.sql").read_text(encoding="utf-8")
    try:
        call_command("migrate", "sekisho_sender", "0001", database="old", verbosity=0)
        with connections["old"].cursor() as cursor:
            cursor.execute("DROP TRIGGER sekisho_sender_record_unchanged")
            cursor.connection.executescript(then)
            values = "('r', 'post', '1', '2026-11-22', 'aa', x'0102', '" + "ab" * 16 + "', 0)"
            cursor.execute(f"INSERT INTO sekisho_sender_record VALUES {values}")
            with pytest.raises(DatabaseError):
                cursor.execute("UPDATE sekisho_sender_record SET ip_index = NULL")
        call_command("migrate", database="old", verbosity=0)
        with connections["old"].cursor() as cursor:
            cursor.execute("SELECT * FROM sekisho_sender_record")
            assert cursor.fetchall() == [("r", "post", "1", "2026-11-22", "aa", b"\1\2", None, 0)]
            with pytest.raises(DatabaseError):
                cursor.execute("UPDATE sekisho_sender_record SET ip_index = 'x'")
    finally:
        connections["old"].close()
        del connections.databases["old"]


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (lambda post: post(author="a", body="b").save(), Why.NO_REQUEST),
        (lambda post: post.objects.create(author="a", body="b"), Why.NO_REQUEST),
        (lambda post: post.objects.get_or_create(author="nobody", body="new"), Why.NO_REQUEST),
        (lambda post: post.objects.bulk_create([post(author="a", body="b")]), Why.BULK),
        (lambda post: asyncio.run(post.objects.abulk_create([post(author="a", body="b")])), Why.BULK),
        (lambda post: post(author="a", body="b").save_base(force_insert=True), Why.NO_TRANSACTION),
    ],
)
def test_a_post_that_would_have_no_record_is_refused_however_it_is_written(write: Any, why: Why, before: tuple[int, int]) -> None:
    outside = why is Why.NO_REQUEST
    with telling(None if outside else request_at(utc_us())), pytest.raises((Refused, DatabaseError)) as no:
        write(models()[0])
    assert not isinstance(no.value, Refused) or no.value.why is why
    assert counts() == before


def test_a_bare_thread_is_refused(before: tuple[int, int]) -> None:
    said: list[Why] = []

    def write() -> None:
        try:
            models()[0](author="a", body="b").save()
        except Refused as no:
            said.append(no.why)
        finally:
            connection.close()

    with telling(request_at(utc_us())):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert said == [Why.NO_REQUEST]
    assert counts() == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO django_chat_post (author, body) VALUES ('a', 'b')",
        "UPDATE django_chat_post SET id = id + 1000",
        "DELETE FROM sekisho_sender_record",
        "UPDATE sekisho_sender_record SET ip_index = 'x'",
        "REPLACE INTO sekisho_sender_record SELECT id, subject_kind, subject, 'x', key_id, sealed, ip_index, 0 FROM sekisho_sender_record",
    ],
)
def test_plain_sql_round_the_models_is_stopped_by_the_database(statement: str) -> None:
    with telling(request_at(utc_us())):
        models()[0](author="a", body="b").save()
    before = counts()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert counts() == before


def test_a_migration_that_makes_the_table_anew_does_not_lose_its_guard() -> None:
    """On SQLite Django copies a changed table, and triggers stay behind; after each migration they are made again."""
    from django.core.management import call_command
    from django.db.models import TextField

    post, _ = models()
    changed = TextField(default="x")
    changed.set_attributes_from_name("body")
    changed.model = post
    with connection.schema_editor() as editor:
        editor.alter_field(post, post._meta.get_field("body"), changed)
    call_command("migrate", verbosity=0)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_chat_post (author, body) VALUES ('a', 'b')")


def test_the_middleware_captures_writes_under_wsgi_and_asgi_and_leaves_nobody_behind(before: tuple[int, int]) -> None:
    answer = Client(REMOTE_ADDR="203.0.113.9", REMOTE_PORT="51234").post("/posts", FORM)
    assert answer.status_code == 303
    assert len(answer["X-Request-Id"]) == 32
    assert at_hand() is None
    assert asyncio.run(ask_asgi(("203.0.113.9", 51234))) == 303
    assert counts() == (before[0] + 2, before[1] + 2)
    page = Client().get("/")
    assert not page.has_header("X-Request-Id")
    assert "元気？" in page.content.decode()


def test_a_request_whose_server_says_no_address_is_refused_and_the_page_says_so(before: tuple[int, int]) -> None:
    answer = Client(REMOTE_ADDR="").post("/posts", FORM)
    assert answer.status_code == 503
    assert "記録できない" in answer.content.decode()
    assert counts() == before


@pytest.mark.parametrize("settings", [{}, {"trust": "everybody"}])
def test_without_a_trust_in_the_settings_the_middleware_does_not_start(settings: dict[str, Any]) -> None:
    from sekisho_sender.django.middleware import SenderMiddleware

    with override_settings(SEKISHO_SENDER=settings), pytest.raises(ImproperlyConfigured, match="trust"):
        SenderMiddleware(lambda _: None)


def test_the_models_and_the_migrations_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes" in capsys.readouterr().out
    assert not list(Path("examples/services/django_chat/migrations").glob("0002*"))

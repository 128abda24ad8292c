"""A film for invited people: permitted by its maker's terms, opened with the code of one mail, and over on its last day for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.desk import compare, records
from sekisho.desk.permitting.retire import Retire
from sekisho.desk.permitting.retire import carry_out as retire
from sekisho.desk.viewing.film import FilmError, encrypt, read_film
from sekisho.desk.viewing.watch import Lapse
from sekisho.desk.viewing.watch import lapse as forget_viewers
from tests.desk import filming
from tests.desk.filming import LIST, SEGMENTS, prepared
from tests.desk.inviting import submitted
from tests.desk.office import Office, refused


@pytest.fixture
def office(_founded: Path, tmp_path: Path) -> Iterator[Office]:
    office = Office(_founded).copied_closed(tmp_path / "office").open()
    yield office
    office.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return prepared(tmp_path / "film")


def begin(office: Office, viewing: str, code: str, **more: Any) -> str:
    return str(office.channel("show").call("open-viewing", viewing=viewing, code=code, **more)["session"])


def key_of(office: Office, viewing: str, session: str) -> str:
    return str(office.channel("show").call("watch", viewing=viewing, session=session, key=True)["key"])


def test_the_code_of_an_invitation_opens_it_and_nothing_else_does(office: Office, film: Path) -> None:
    viewing, _, key = filming.shown(office, film)
    codes = filming.invited(office, viewing)
    for wrong in ("", "0000 0000 0000", viewing, codes[0][:-1]):
        with refused("wrong-code"):
            begin(office, viewing, wrong)
    session = begin(office, viewing, codes[0].replace(" ", ""))
    assert key_of(office, viewing, session) == key.hex()
    for wrong in ("", "x" * 32, codes[0]):
        with refused("no-session"):
            key_of(office, viewing, wrong)


def test_one_films_session_and_code_open_no_other_film(office: Office, film: Path) -> None:
    viewing, _, _ = filming.shown(office, film)
    other, _, _ = filming.shown(office, film)
    codes = filming.invited(office, viewing)
    session = begin(office, viewing, codes[0])
    with refused("no-session"):
        key_of(office, other, session)
    with refused("wrong-code"):
        begin(office, other, codes[0])


def test_an_invitation_plays_on_so_many_devices_and_opened_anew_the_others_stop(office: Office, film: Path) -> None:
    viewing, _, _ = filming.shown(office, film)
    codes = filming.invited(office, viewing)
    devices = [begin(office, viewing, codes[0]) for _ in range(2)]
    with refused("too-many-devices"):
        begin(office, viewing, codes[0])
    assert begin(office, viewing, codes[1])
    third = begin(office, viewing, codes[0], anew=True)
    assert key_of(office, viewing, third)
    for session in devices:
        with refused("no-session"):
            key_of(office, viewing, session)


def test_without_the_makers_terms_for_this_film_to_this_day_no_permit(office: Office, film: Path) -> None:
    wrong: list[dict[str, Any]] = [{"work": "9" * 64}, {"to_invited": False}, {"last_day": "2026-12-01"}, {"devices": 5}]
    for terms in wrong:
        viewing, plan, _ = filming.added(office, film)
        filming.laid(office, plan, viewing, **terms)
        assert office.confirm(plan) == []
        assert office.approve(plan, "reviewer-a") == []
        with refused("no-permit"):
            office.channel("show").call("viewing", viewing=viewing)


def test_on_its_last_day_access_ends_and_the_key_is_destroyed(office: Office, film: Path) -> None:
    viewing, _, _ = filming.shown(office, film)
    session = begin(office, viewing, filming.invited(office, viewing)[0])
    office.watch.wind(days=30, hours=1)
    with refused("viewing-over"):
        key_of(office, viewing, session)
    with office.turn() as world:
        retire(world, Retire())
        assert forget_viewers(world, Lapse()) == 1
    with office.turn() as world:
        assert records.count(world.db, records.VIEWING_SESSIONS) == 0
        assert not list(compare.carry_out(world, compare.Compare()).differences)
        assert any(viewing in records.body(r)["key"] for r in records.rows(world.db, records.DESTROYED))
        (row,) = records.rows(world.db, records.VIEWINGS)
        assert row["box"] is not None  # it opens no more: what it was sealed to is gone
    office.watch.jump(days=-20)
    with refused("no-permit"):
        key_of(office, viewing, session)


def test_a_withdrawn_permit_ends_it_at_the_next_question(office: Office, film: Path) -> None:
    viewing, permit, _ = filming.shown(office, film)
    session = begin(office, viewing, filming.invited(office, viewing)[0])
    office.withdraw(permit)
    with refused("no-permit"):
        key_of(office, viewing, session)
    with refused("no-permit"):
        office.channel("show").call("viewing", viewing=viewing)


def test_what_is_kept_of_a_viewer_is_a_digest_of_the_code_and_a_time(office: Office, film: Path) -> None:
    viewing, _, _ = filming.shown(office, film)
    codes = filming.invited(office, viewing)
    session = begin(office, viewing, codes[0])
    with office.turn() as world:
        (row,) = world.db.execute(records.VIEWING_SESSIONS.select()).mappings().all()
    assert set(row) == {"id", "viewing", "invited", "at"}
    assert session not in str(dict(row))
    assert codes[0].replace(" ", "") not in str(dict(row))


def test_nobody_is_invited_to_a_film_that_is_not_there(office: Office) -> None:
    with refused("unknown-viewing"):
        submitted(office, asks=None, viewing="viewing-0000000000000000")


def test_who_submits_a_film_with_an_empty_field_or_a_short_key_is_told_which(office: Office, film: Path) -> None:
    for changed in ({"devices": 0}, {"title": {"ja": "映像"}}, {"files": ()}, {"until": office.watch.at + timedelta(days=400)}):
        with refused("viewing-incomplete"):
            filming.added(office, film, **changed)


def test_on_the_disk_the_film_is_encrypted_and_its_list_names_the_key_behind_the_session(film: Path, tmp_path: Path) -> None:
    digests = encrypt(read_film(film), tmp_path / "to", bytes(16))
    assert len(set(digests)) == len(SEGMENTS)
    said = (tmp_path / "to" / "list.m3u8").read_text(encoding="utf-8").splitlines()
    assert said.index('#EXT-X-KEY:METHOD=AES-128,URI="key"') < said.index("s00000.ts")
    assert [line for line in said if not line.startswith("#")] == ["s00000.ts", "s00001.ts", "s00002.ts"]
    for number, segment in enumerate(SEGMENTS):
        lies = (tmp_path / "to" / f"s{number:05}.ts").read_bytes()
        assert segment[:64] not in lies
        assert len(lies) % 16 == 0


WRONG = {
    "#EXT-X-ENDLIST\n": "",
    "a0.ts": "../a0.ts",
    "a1.ts": "a9.ts",
    "#EXT-X-VERSION:3": '#EXT-X-KEY:METHOD=AES-128,URI="https://elsewhere.example/key"',
    "#EXT-X-TARGETDURATION:6": '#EXT-X-MAP:URI="init.mp4"',
    "#EXTM3U\n": "",
}


@pytest.mark.parametrize("old", WRONG)
def test_what_is_no_plain_film_is_refused_with_its_place(film: Path, old: str) -> None:
    (film / "film.m3u8").write_text(LIST.replace(old, WRONG[old]), encoding="utf-8")
    with pytest.raises(FilmError) as why:
        read_film(film)
    assert why.value.where
    assert why.value.why


def test_a_segment_that_is_no_transport_stream_is_refused(film: Path) -> None:
    (film / "a1.ts").write_bytes(b"not a film")
    with pytest.raises(FilmError, match="MPEG-TS"):
        read_film(film)
    (film / "other.m3u8").write_text(LIST, encoding="utf-8")
    with pytest.raises(FilmError, match="2 playlists"):
        read_film(film)

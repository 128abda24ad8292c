"""`sekisho cases letter` and `check-letter`: signed where the operator has a key, and said plainly where it has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sekisho.desk.outside import KeepSaidNo, Outside
from sekisho.effects.letter import absent_fonts
from sekisho.faces.commands import letters
from sekisho.faces.words.say import refuse
from tests.desk.caseload import Caseload
from tests.desk.conftest import _adopted, _founded, _stood, adopting  # noqa: F401 - fixtures of the desk's tests, used here by name
from tests.desk.office import Office
from tests.effects.certificates import Authority
from tests.effects.pdf_a import wrong_in
from tests.faces.conftest import Said, typed

Typing = Callable[..., Said]
pytestmark = pytest.mark.skipif(bool(absent_fonts()), reason="no Japanese font here: install fonts-noto-cjk (make parts)")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def drafted(adopting: Office) -> str:  # noqa: F811 - the fixture imported above
    """A letter of a case: the inquiry to the one who posted."""
    load = Caseload(adopting, texts=False)
    return str(load.case(load.asked())["letters"][0]["id"])


@pytest.fixture
def typing(adopting: Office, monkeypatch: pytest.MonkeyPatch) -> Typing:  # noqa: F811 - the fixture imported above
    @contextmanager
    def outside(_config: Path) -> Iterator[Outside]:
        try:
            yield adopting.outside("terminal")
        except KeepSaidNo as no:
            raise refuse(no.code, no.detail) from no

    monkeypatch.setattr(letters, "outside", outside)

    def type_(*words: str, lang: str = "en") -> Said:
        return typed(adopting.home, "--lang", lang, "cases", *words, lang=lang)

    return type_


def give_key(office: Office, authority: Authority, **how: int) -> None:
    (office.home / "operator.p12").write_bytes(authority.pkcs12(b"pass", **how))
    (office.home / "operator.pass").write_text("pass\n", encoding="ascii")
    (office.home / "root.pem").write_bytes(authority.certificate)
    settings = office.home / "sekisho.toml"
    table = '\n[letters]\nkey = "operator.p12"\npassphrase = "operator.pass"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + table, encoding="utf-8")


def test_without_a_certificate_it_says_that_nobody_signed_and_what_proves_the_words(
    typing: Typing, drafted: str, adopting: Office  # noqa: F811 - the fixture imported above
) -> None:
    said = typing("letter", drafted, "-o", "a.pdf")
    assert said.code == 0, said.err
    assert "bears no electronic signature. Its words are proved by the ledger entry" in said.out.replace("\n", " ")
    assert "電子署名はありません" in typing("letter", drafted, "-o", "b.pdf", lang="ja").out
    assert (adopting.home / "a.pdf").read_bytes() == (adopting.home / "b.pdf").read_bytes()
    checked = typing("check-letter", "a.pdf")
    assert (checked.code, "bears no electronic signature" in checked.out) == (1, True)
    same = typing("check-letter", "a.pdf", "--letter", drafted)
    assert (same.code, "byte for byte" in same.out) == (0, True)
    other = bytearray((adopting.home / "a.pdf").read_bytes())
    other[len(other) // 2] ^= 1  # within a font
    (adopting.home / "a.pdf").write_bytes(other)
    assert typing("check-letter", "a.pdf", "--letter", drafted).code == 1


@pytest.mark.parametrize("masked", [[], ["--masked"]], ids=["whole", "masked"])
def test_with_a_certificate_both_copies_are_signed_and_who_did_is_said(
    typing: Typing, drafted: str, adopting: Office, authority: Authority, masked: list[str]  # noqa: F811 - the fixture imported above
) -> None:
    give_key(adopting, authority)
    assert typing("letter", drafted, "-o", "plain.pdf", "--unsigned", *masked).code == 0
    said = typing("letter", drafted, "-o", "a.pdf", "--json", *masked)
    assert "Example Networks" in said.json["signed_by"]
    plain, signed = ((adopting.home / name).read_bytes() for name in ("plain.pdf", "a.pdf"))
    assert signed.startswith(plain)
    assert wrong_in(plain) == wrong_in(signed) == []
    found = typing("check-letter", "a.pdf", "--trust", "root.pem", "--letter", drafted, *masked)
    assert found.code == 0, found.out
    assert "Example Networks" in found.out
    assert "no byte of it changed since" in found.out.replace("\n", " ")
    told = typing("check-letter", "a.pdf", "--json").json
    assert (told["whole"], told["drafted"], told["signatures"][0]["known"]) == (True, None, False)
    another = [] if masked else ["--masked"]
    assert typing("check-letter", "a.pdf", "--letter", drafted, *another).code == 1


def test_a_changed_byte_and_a_strangers_certificate_are_told_apart(
    typing: Typing, drafted: str, adopting: Office, authority: Authority  # noqa: F811 - the fixture imported above
) -> None:
    give_key(adopting, authority)
    assert typing("letter", drafted, "-o", "a.pdf").code == 0
    (adopting.home / "other.pem").write_bytes(Authority("Another").certificate)
    stranger = typing("check-letter", "a.pdf", "--trust", "other.pem")
    assert (stranger.code, "does not lead to one you trust" in stranger.out) == (1, True)
    altered = bytearray((adopting.home / "a.pdf").read_bytes())
    altered[len(altered) // 3] ^= 1  # within a font
    (adopting.home / "a.pdf").write_bytes(altered)
    changed = typing("check-letter", "a.pdf", "--trust", "root.pem")
    assert (changed.code, "changed after it was signed" in changed.out) == (1, True)
    assert typing("check-letter", "sekisho.toml").code == 2
    assert typing("check-letter", "nowhere.pdf").code == 2


def test_a_key_that_cannot_sign_leaves_no_file_and_says_what_to_do(
    typing: Typing, drafted: str, adopting: Office, authority: Authority  # noqa: F811 - the fixture imported above
) -> None:
    give_key(adopting, authority, days=-1, since=-5)
    said = typing("letter", drafted, "-o", "a.pdf")
    assert (said.code, "--unsigned" in said.err) == (2, True)
    (adopting.home / "operator.pass").write_text("wrong", encoding="ascii")
    assert "letters.passphrase" in typing("letter", drafted, "-o", "a.pdf").err
    (adopting.home / "operator.p12").unlink()
    assert "letters.key" in typing("letter", drafted, "-o", "a.pdf", lang="ja").err
    assert not (adopting.home / "a.pdf").exists()

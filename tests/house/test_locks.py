"""What is declared, locked and allowed says the same thing in three places."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from house import parts, setup

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
IMPORTED_AS = {
    "ibis-framework": "ibis", "python-multipart": "python_multipart", "dkimpy": "dkim", "dnspython": "dns", "pyspf": "spf",
}  # fmt: skip


def plain(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def locked(name: str) -> dict[str, str]:
    """Package to its whole stanza."""
    stanzas = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8"))
    return {plain(stanza): stanza for stanza in stanzas if "==" in stanza}


def test_every_dependency_is_locked_with_hashes() -> None:
    for name, wanted in (
        ("requirements.lock", [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]),
        ("requirements-dev.lock", [d for d in PROJECT["dependency-groups"]["dev"] if isinstance(d, str)]),
    ):
        stanzas = locked(name)
        assert {plain(w) for w in wanted} <= set(stanzas)
        assert all("--hash=sha256:" in stanza for stanza in stanzas.values())


def test_the_demo_needs_nothing_that_only_the_development_lock_has() -> None:
    """Where both locks name a package, they name the same version."""
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert set(run) <= set(dev)
    assert all(run[name].split()[0] == dev[name].split()[0] for name in run)


def test_the_contract_on_trusted_rooms_names_every_other_dependency() -> None:
    contracts = {c["id"]: c for c in PROJECT["tool"]["importlinter"]["contracts"]}
    forbidden = set(contracts["trusted"]["forbidden_modules"])
    dependencies = {plain(d) for d in PROJECT["project"]["dependencies"]} - {"cryptography"}
    assert {IMPORTED_AS.get(d, d.replace("-", "_")) for d in dependencies} <= forbidden


def test_a_changed_lock_makes_the_environment_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    lock = tmp_path / "a.lock"
    lock.write_text("a==1\n", "utf-8")
    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup, "PYTHON", python)
    monkeypatch.setattr(setup, "LOCKS", {"run": lock, "dev": lock})
    assert not setup.is_fresh("run")
    setup.stamp("run").write_text(setup.fingerprint(lock), "ascii")
    assert setup.is_fresh("run")
    assert not setup.is_fresh("dev")
    lock.write_text("a==2\n", "utf-8")
    assert not setup.is_fresh("run")


def test_without_rights_the_missing_venv_module_is_one_plain_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "PYTHON", Path("nowhere"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert setup.main("run") == 1
    said = capsys.readouterr().out.strip()
    assert "\n" not in said
    assert f"apt-get install python3.{sys.version_info.minor}-venv" in said


def test_missing_parts_stop_the_run_only_where_ci_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(parts, "missing", lambda: ["softflowd"])
    monkeypatch.setattr(parts, "fetch", lambda _folder: True)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("CI", raising=False)
    assert parts.main(optional=True) == 0
    assert "softflowd: NetFlow from recorded packets" in capsys.readouterr().out
    assert parts.main(optional=False) == 1
    monkeypatch.setenv("CI", "true")
    assert parts.main(optional=True) == 1
    assert "sudo apt-get install --no-install-recommends softflowd" in capsys.readouterr().out


def test_only_the_bench_asks_for_what_it_compares_with(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(parts, "missing", lambda names=(): [*names] if asked.append(tuple(names)) is None else [])
    monkeypatch.setattr(parts, "fetch", lambda _folder: True)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert parts.main(optional=False) == 0
    assert parts.main(optional=False, bench=True) == 1
    assert "sudo apt-get install --no-install-recommends postgrey policyd-rate-limit" in capsys.readouterr().out
    assert asked == [(), (), ("postgrey", "policyd-rate-limit", "opendkim")]


@pytest.mark.parametrize("folder", parts.NODE)
def test_without_npm_its_packages_are_not_there_which_is_said_and_ci_stops(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """axe-core and Express come by npm, from locks that name no host; absent, it is said with the line that installs them."""
    lock, name = folder / "package-lock.json", parts.NODE[folder]
    assert "resolved" not in lock.read_text("utf-8")
    monkeypatch.setattr(parts, "missing", list)
    monkeypatch.setattr(parts, "ROOT", tmp_path)
    monkeypatch.setattr(parts, "NODE", {tmp_path / "there": name})
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "package-lock.json").write_bytes(lock.read_bytes())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    assert parts.main(optional=True) == 0
    assert f"  {name}: {parts.WITHOUT[name]}" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert parts.main(optional=True) == 1
    assert "npm ci --prefix there" in capsys.readouterr().out


def test_what_is_installed_for_tests_does_not_start_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Debian asks a program before it starts a service; ours says no while we install, and is gone afterwards. One that is there stays."""
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(parts, "POLICY", policy)
    with parts.nothing_starts():
        assert subprocess.run([str(policy), "clamav-freshclam", "start"], check=False).returncode == 101
    assert not policy.exists()
    policy.write_text("theirs", "ascii")
    with parts.nothing_starts():
        assert policy.read_text("ascii") == "theirs"
    assert policy.read_text("ascii") == "theirs"

"""What of a name may be counted: a kind of a published list or the registered name, never a sub-domain, never somebody's trouble."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.desk.event import naming
from sekisho.desk.event.named_panels import LISTS, NAMED
from sekisho.desk.event.naming import CATEGORY, REGISTERED, category, cut, kinds, may_stand, registered

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=6).map(".".join)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("www.example.com", "example.com"),
        ("example.com", "example.com"),
        ("alice.blog.pycon.co.jp", "pycon.co.jp"),
        ("alice.github.io", "github.io"),
        ("city.shinagawa.tokyo.jp", "tokyo.jp"),
        ("alice.go.it", "go.it"),
    ],
)
def test_a_name_is_cut_to_what_was_registered_or_shorter(asked: str, kept: str) -> None:
    assert registered(asked) == kept


@pytest.mark.parametrize(
    "asked",
    [
        "printer",
        "co.jp",
        "alices-phone.local",
        "5.2.0.192.in-addr.arpa",
        "192.0.2.1",
        "a.example",
        "www.tinder.com",
        "st-clinic.jp",
        "-a.com",
        ".",
    ],
)
def test_what_is_no_site_or_is_somebodys_trouble_is_never_counted(asked: str) -> None:
    assert registered(asked) == ""


@given(NAMES)
def test_no_sub_domain_is_ever_left(name: str) -> None:
    kept = registered(name)
    assert not kept or (name.endswith(kept) and len(kept.split(".")) <= 3)
    assert registered(f"alice.{kept}") == kept if kept else True
    assert len(kept.split(".")) == 3 if kept and ".".join(kept.split(".")[-2:]) in naming._rules()["below"] else len(kept.split(".")) <= 2


@given(NAMES)
def test_a_kind_is_one_of_the_list_or_none(name: str) -> None:
    assert category(name) in {"", *kinds()}


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("docs.google.com", "slides"),
        ("www.google.com", "search"),
        ("files.pythonhosted.org", "packages"),
        ("notgithub.com", ""),
        ("com", ""),
    ],
)
def test_the_longest_entry_counts_and_only_whole_labels(asked: str, kind: str) -> None:
    assert category(asked) == kind


def test_only_what_a_rule_leaves_as_it_is_may_stand_on_its_panel() -> None:
    assert may_stand("example.com", REGISTERED)
    assert not may_stand("www.example.com", REGISTERED)
    assert not may_stand("tinder.com", REGISTERED)
    assert not may_stand("", REGISTERED)
    assert may_stand("video", CATEGORY)
    assert not may_stand("example.com", CATEGORY)
    assert (cut("www.youtube.com", REGISTERED), cut("www.youtube.com", CATEGORY)) == ("youtube.com", "video")


def test_each_panel_carries_the_digest_of_its_published_list() -> None:
    assert {NAMED[p].listed for p in NAMED} == {naming.listed(name).digest for name in LISTS.values()}
    for name in LISTS.values():
        assert naming.listed(name).version == name.partition("@")[2]
        assert "version = " in naming.published(name)


def test_no_site_stands_in_two_kinds_and_every_kind_is_titled_in_both_languages() -> None:
    said = naming._said(naming.CATEGORIES)["kinds"]
    sites = [site for kind in said.values() for site in kind["sites"]]
    assert len(sites) == len(set(sites))
    assert all(set(title) == {"ja", "en"} for title in kinds().values())
    assert all(kind["sites"] == sorted(kind["sites"]) for kind in said.values())

"""The tree is RFC 6962's: checked against its definition, against published vectors, and proof by proof."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ledger import tree

# The leaves and roots of certificate-transparency's merkle_tree_test, repeated by every RFC 6962 library since.
LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word, as the thing to compare with."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """RFC 6962 §2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def made(count: int) -> list[bytes]:
    return [tree.leaf_hash(b"%d" % i) for i in range(count)]


def grown(leaves: list[bytes]) -> tuple[tree.Edge, dict[tree.Tile, list[bytes]]]:
    edge, full = tree.Edge(), {}
    for leaf in leaves:
        full.update(edge.push(leaf))
    return edge, full


def subtrees(leaves: list[bytes]) -> tree.Subtree:
    return lambda height, index: mth(leaves[index << height : (index + 1) << height])


@pytest.mark.parametrize("count", range(1, 9))
def test_the_published_roots_come_out(count: int) -> None:
    """Eight leaves known since 2013 give the eight roots known since 2013."""
    edge, _ = grown([tree.leaf_hash(leaf) for leaf in LEAVES[:count]])
    assert edge.root().hex() == ROOTS[count - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """RFC 6962 §2.1: the hash of an empty list is the hash of an empty string."""
    assert tree.Edge().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.integers(0, 600), st.sampled_from([255, 256, 257, 511, 512, 513])))
def test_an_edge_grows_to_the_root_of_the_definition(count: int) -> None:
    """However many leaves, tile-wise growing and the recursive definition agree."""
    leaves = made(count)
    assert grown(leaves)[0].root() == mth(leaves)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 700), st.data())
def test_inclusion_proofs_are_the_definitions_and_prove_only_their_leaf(count: int, data: st.DataObject) -> None:
    """A path equals the RFC's, verifies, and fails for another leaf, index, size or root."""
    leaves = made(count)
    index = data.draw(st.integers(0, count - 1))
    proof, root = tree.inclusion(index, count, subtrees(leaves)), mth(leaves)
    assert proof == path(index, leaves)
    assert tree.check_inclusion(leaves[index], index, count, proof, root)
    other = data.draw(st.integers(0, count + 3).filter(lambda i: i != index))
    assert not tree.check_inclusion(leaves[index], other, count, proof, root)
    assert not tree.check_inclusion(tree.leaf_hash(b"other"), index, count, proof, root)
    assert not tree.check_inclusion(leaves[index], index, count, [*proof, root], root)
    assert not tree.check_inclusion(leaves[index], index, count, proof, tree.EMPTY)
    if proof:
        assert not tree.check_inclusion(leaves[index], index, count, proof[:-1], root)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 700), st.data())
def test_consistency_proofs_are_the_definitions_and_prove_only_their_trees(new: int, data: st.DataObject) -> None:
    """A proof equals the RFC's, verifies, and fails for another root or one hash more or less."""
    leaves = made(new)
    old = data.draw(st.integers(0, new))
    proof = tree.consistency(old, new, subtrees(leaves))
    before, after = mth(leaves[:old]), mth(leaves)
    assert proof == (subproof(old, leaves, True) if old > 0 else [])
    assert tree.check_consistency(old, new, proof, before, after)
    assert not tree.check_consistency(old, new, proof, tree.leaf_hash(b"x"), after)
    assert not tree.check_consistency(old, new, [*proof, after], before, after)
    if 0 < old < new:
        assert not tree.check_consistency(old, new, proof, before, tree.leaf_hash(b"x"))
        assert not tree.check_consistency(old, new, proof[:-1], before, after)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 65536, 70000])
def test_the_tiles_of_a_size_are_those_of_the_specification(size: int) -> None:
    """tlog-tiles: the partial tile of level l holds floor(s / 256**l) mod 256 hashes, and is absent when that is none."""
    expected = [tree.Tile(lv, size // 256 ** (lv + 1), w) for lv in range(4) if (w := size // 256**lv % 256)]
    assert tree.edge_tiles(size) == expected
    full = {t for t in tree.new_tiles(0, size) if t.width == tree.WIDTH}
    assert len(full) == size // 256 + size // 65536


def test_the_example_of_70000_entries_is_laid_out_as_written() -> None:
    """The worked example of tlog-tiles: 273 full tiles, one of 112, one full of level 1, one of 17, one of 1."""
    tiles = tree.new_tiles(0, 70_000)
    widths = [(lv, [t.width for t in tiles if t.level == lv and t.width < 256]) for lv in range(3)]
    assert widths == [(0, [112]), (1, [17]), (2, [1])]
    assert sum(t.level == 0 and t.width == 256 for t in tiles) == 273


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (tree.Tile(0, 1234067), "tile/0/x001/x234/067"),
        (tree.Tile(3, 0, 1), "tile/3/000.p/1"),
        (tree.Tile(1, 1000, 255), "tile/1/x001/000.p/255"),
    ],
)
def test_tiles_are_named_as_the_specification_names_them(tile: tree.Tile, name: str) -> None:
    """Three digits an element, all but the last behind an x."""
    assert tile.path == name


def test_proofs_for_what_is_not_there_are_refused() -> None:
    """A leaf beyond the tree, or trees in the wrong order, have no proof."""
    with pytest.raises(IndexError):
        tree.inclusion(3, 3, subtrees(made(3)))
    with pytest.raises(IndexError):
        tree.consistency(4, 3, subtrees(made(4)))


def test_a_proof_of_a_small_tree_says_nothing_about_a_larger_size() -> None:
    """A short proof that comes to the given root is still refused when the size claimed needs a longer one."""
    first, second = made(2)
    root = tree.node_hash(first, second)
    assert tree.check_inclusion(first, 0, 2, [second], root)
    assert tree.check_consistency(1, 2, [second], first, root)
    for size in (3, 4, 5, 8, 9):
        assert not tree.check_inclusion(first, 0, size, [second], root)
        assert not tree.check_consistency(1, size, [second], first, root)

"""Small changes to a module: every one that a hurried hand could make where the code says yes or no."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

SWAPS: Mapping[type[ast.AST], type[ast.AST]] = MappingProxyType(
    {
        ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
        ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
        ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
    }
)  # fmt: skip
NAMES: Mapping[str, str] = MappingProxyType({"any": "all", "all": "any", "min": "max", "max": "min"})
PASSED_OVER = ("annotation", "returns", "ctx", "decorator_list")


@dataclass(frozen=True)
class Mutant:
    """One change of one module. `where`: the function it lies in, `Class.method` for a method, empty for the module itself.

    `tree` is the changed module only while `mutants` stands at this mutant: it is one tree, changed and changed back.
    """

    target: str
    where: str
    name: str
    tree: ast.Module


@dataclass(frozen=True)
class _Place:
    """Where a node stands: in which field of which owner, at which index, and in which function."""

    owner: ast.AST
    field: str
    at: int | None
    node: ast.AST
    where: str
    line: int


def mutants(target: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines. Annotations, decorators, imports and assertions are left as they are.

    A mutant's name says module, function, the line as it stood and the changed node; of several that read alike the later are numbered.
    """
    tree, lines = ast.parse(text), text.splitlines()
    seen: Counter[str] = Counter()
    for place in list(_places(tree, "", 1)):
        for other in changes(place.node):
            if not isinstance(other, ast.comprehension):
                ast.copy_location(other, place.node)
            ast.fix_missing_locations(other)
            _put(place, other)
            name = f"{target}:{place.where or '-'}: {lines[place.line - 1].strip()}  ->  {_said(other)}"
            seen[name] += 1
            yield Mutant(target, place.where, name if seen[name] == 1 else f"{name} ({seen[name]})", tree)
            _put(place, place.node)


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Every small change of one node that keeps it a node of its kind."""
    yield from _of_expression(node)
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.If):
        yield _with(node, "test", ast.Constant(value=False))
        yield _with(node, "test", ast.Constant(value=True))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and not _to_base(node.value)):
        yield ast.Pass()
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield _with(node, "ifs", [])


def _to_base(call: ast.Call) -> bool:
    """What an exception tells its base class is words for a traceback."""
    return ast.unparse(call.func) == "super().__init__"


def _of_expression(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                yield _with(node, "ops", [SWAPS[type(o)]() if i == at else o for i, o in enumerate(node.ops)])
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.AugAssign) and type(node.op) in SWAPS:
        yield _with(node, "op", SWAPS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _with(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield _with(node, "value", node.value + 1)
    elif isinstance(node, ast.Name) and node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield _with(node, "id", NAMES[node.id])


def _with(node: ast.AST, name: str, value: object) -> ast.AST:
    other = copy.copy(node)
    setattr(other, name, value)
    return other


def _said(node: ast.AST) -> str:
    """The changed node in one line; of an `if`, its head."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())[:120]


def _places(tree: ast.AST, where: str, line: int) -> Iterator[_Place]:
    """Each node below `tree` that may be changed. What a function's head says (defaults) belongs to what holds the function."""
    for field, value in ast.iter_fields(tree):
        if field in PASSED_OVER:
            continue
        inside = _inside(tree, where) if field == "body" else where
        for at, node in list(enumerate(value)) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST) and not isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
                here = getattr(node, "lineno", line)
                yield _Place(tree, field, at, node, _function(inside), here)
                yield from _places(node, inside, here)


def _inside(tree: ast.AST, where: str) -> str:
    """The path of what stands in the body of `tree`: classes end in a dot, and inside of a function nothing is told apart."""
    if not isinstance(tree, ast.FunctionDef | ast.ClassDef) or _function(where):
        return where
    return where + tree.name + ("." if isinstance(tree, ast.ClassDef) else "")


def _function(where: str) -> str:
    return "" if where.endswith(".") else where


def _put(place: _Place, node: ast.AST) -> None:
    if place.at is None:
        setattr(place.owner, place.field, node)
    else:
        getattr(place.owner, place.field)[place.at] = node


def edited(target: str, name: str, text: str, changed: str) -> Mutant:
    """A mutant made by hand: the whole changed source. It lies in the one function that differs, if nothing else does."""
    before, after = ast.parse(text), ast.parse(changed)
    was = dict(_functions(before))
    differs = [(path, node) for path, node in _functions(after) if path in was and ast.dump(was[path]) != ast.dump(node)]
    where = ""
    if len(differs) == 1:
        path, node = differs[0]
        body, node.body = node.body, was[path].body
        where = path if ast.dump(after) == ast.dump(before) else ""
        node.body = body
    return Mutant(target, where, f"{target}: {name}", after)


def _functions(tree: ast.AST, path: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield path + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{path}{node.name}.")

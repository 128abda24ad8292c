"""What makes the public sides of a procedure sound: they ask for what the opening takes, and answer by moves anybody could make then."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.law.procedures import Fact, Move, Procedure
from sekisho.law.public import GIVEN, Answer, Choice, Door
from sekisho.law.tables import CasebookError
from sekisho.law.walking import fits


def public(table: Procedure) -> None:
    """Raises CasebookError naming the place."""
    if table.door is not None:
        _door(table, table.door)
    if table.answer is not None:
        _answer(table, table.answer)


def _door(table: Procedure, door: Door) -> None:
    where, opening = f"{table.id} door", table.opening
    asked = (*door.facts, *door.may, *door.pledges)
    _must(bool(door.facts), f"{where}.facts", "ask for nothing: a claim nobody makes")
    _must(len({*asked, *door.given}) == len(asked) + len(door.given), f"{where}.facts", "name a fact twice")
    _known(f"{where}.facts", (*asked, *door.given), (*opening.facts, *opening.may), "at the opening")
    for name in opening.facts:
        _must(name in door.facts or name in door.given or name in door.pledges, f"{where}.facts", f"lack {name!r}, which the opening needs")
    for name, what in door.given.items():
        _must(what in GIVEN, f"{where}.given.{name}", f"is one of {', '.join(sorted(GIVEN))}")
        fact = table.fact(name)
        holds = fact.type == "day" if what == "today" else fact.type == "choice" and (what != "form" or what in fact.choices)
        _must(holds, f"{where}.given.{name}", f"is no fact that holds {what}")
    for name in door.pledges:
        _must(table.fact(name).type == "bool", f"{where}.pledges", f"{name!r} is no yes or no")
    _must(not any(table.fact(n).type == "data" for n in asked), f"{where}.facts", "ask a stranger to name sealed data")
    _must(not opening.papers and opening.asks is None, where, "the opening needs papers or a permit, which no stranger brings")
    _known(f"{where}.papers", (*door.papers, *([door.paper] if door.paper else [])), table.papers, "is a paper")
    _known(f"{where}.tells", door.tells, [f.id for f in table.facts], "is a fact")
    _known(f"{where}.helps", door.helps, asked, "is asked")


def _answer(table: Procedure, answer: Answer) -> None:
    where = f"{table.id} answer"
    moves, facts = {m.id: m for m in table.moves}, {f.id: f for f in table.facts}
    _known(f"{where}.shows", answer.shows, facts, "is a fact")
    _known(f"{where}.letter", [answer.letter], [m.id for m in table.moves if m.letter], "drafts a letter")
    _known(f"{where}.clock", [answer.clock], [c.id for c in table.clocks], "is a clock")
    _known(f"{where}.paper", [answer.paper, answer.receipt.paper], table.papers, "is a paper")
    _known(f"{where}.receipt.move", [answer.receipt.move], moves, "is a move")
    receipt = moves[answer.receipt.move]
    _must(answer.clock in receipt.starts, f"{where}.receipt.move", f"does not start {answer.clock!r}")
    _makes(f"{where}.receipt", receipt, {answer.receipt.day}, {answer.receipt.paper}, facts)
    _must(len({c.id for c in answer.choices}) == len(answer.choices) > 0, f"{where}.choice", "are several, each with its own id")
    for choice in answer.choices:
        _choice(f"{where}.choice[{choice.id}]", choice, answer, moves, facts)


def _choice(where: str, choice: Choice, answer: Answer, moves: dict[str, Move], facts: dict[str, Fact]) -> None:
    _known(f"{where}.move", [choice.move], moves, "is a move")
    move = moves[choice.move]
    told = {choice.day, *([choice.reason] if choice.reason else []), *choice.tells}
    _known(f"{where}.tells", choice.tells, facts, "is a fact")
    for name, value in choice.tells.items():
        _must(name != choice.reason and fits(facts[name], value), f"{where}.tells.{name}", f"cannot be {value!r}")
    _makes(where, move, told, {answer.paper}, facts)
    _must(moves[answer.receipt.move].to in move.leaves, f"{where}.move", "cannot be made once the inquiry was received")
    _must(not choice.reason or facts[choice.reason].type == "text", f"{where}.reason", "is no text of several lines")


def _makes(where: str, move: Move, told: set[str], papers: set[str], facts: dict[str, Fact]) -> None:
    """The move asks for nothing that the person outside, or the node, does not bring."""
    _must(set(move.facts) <= told <= {*move.facts, *move.may}, where, f"tells {sorted(told)}, but {move.id} asks {sorted(move.facts)}")
    _must(set(move.papers) <= papers, where, f"{move.id} asks for other papers")
    _must(any(facts[n].type == "day" for n in told), where, "names no day")
    _must(move.asks is None and move.holds is None and not move.lifts and not move.letter, where, f"{move.id} does more than record it")


def _known(where: str, names: Iterable[str], known: Iterable[str], what: str) -> None:
    every = set(known)
    for name in names:
        _must(name in every, where, f"no {name!r} {what}")


def _must(holds: bool, where: str, why: str) -> None:
    if not holds:
        raise CasebookError("procedures", where, why)

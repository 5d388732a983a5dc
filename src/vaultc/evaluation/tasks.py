"""The seven tasks: which facts are hidden where, what is asked, and what an exact answer is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.evaluation.scoring import Expected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from vaultc.evaluation.invent import Inventor
    from vaultc.evaluation.wording import Wording

_SEVERAL = 4
_HOPS = 4


@dataclass(frozen=True, slots=True)
class PlantedFact:
    """A sentence to hide, and how deep: 0 before all text, 1 behind it."""

    depth: float
    text: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """Facts, the question about them, and what its answer must be."""

    facts: tuple[PlantedFact, ...]
    question: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class _Setting:
    said: Wording
    invent: Inventor
    rng: Random
    depth: float

    def states(self, name: str, code: str, depth: float | None = None) -> PlantedFact:
        return PlantedFact(self.anywhere() if depth is None else depth, self.said.states.format(name=name, code=code))

    def anywhere(self) -> float:
        return self.rng.random()

    def expected(self, *codes: str, decoys: tuple[str, ...] = (), ordered: bool = False) -> Expected:
        return Expected(self.said.language, codes, decoys, ordered)


def _single(it: _Setting) -> Hidden:
    """One fact at the depth."""
    name, code = it.invent.name(), it.invent.code()
    return Hidden((it.states(name, code, it.depth),), it.said.asks.format(name=name), it.expected(code))


def _twins(it: _Setting) -> Hidden:
    """The fact at the depth, and three about names that differ in one letter anywhere."""
    name, code = it.invent.name(), it.invent.code()
    others = [(it.invent.twin(name), it.invent.code()) for _ in range(_SEVERAL - 1)]
    facts = (it.states(name, code, it.depth), *(it.states(*other) for other in others))
    decoys = tuple(code for _, code in others)
    return Hidden(facts, it.said.asks.format(name=name), it.expected(code, decoys=decoys))


def _values(it: _Setting) -> Hidden:
    """Four codes of one name: the first at the depth, the others anywhere."""
    name = it.invent.name()
    codes = [it.invent.code() for _ in range(_SEVERAL)]
    depths = [it.depth, *(it.anywhere() for _ in codes[1:])]
    facts = tuple(
        PlantedFact(depth, it.said.is_one_of.format(name=name, code=code))
        for depth, code in zip(depths, codes, strict=True)
    )
    return Hidden(facts, it.said.asks_all.format(name=name), it.expected(*codes))


def _queries(it: _Setting) -> Hidden:
    """Four names asked for at once: the fact of one of them at the depth, the others anywhere."""
    pairs = [(it.invent.name(), it.invent.code()) for _ in range(_SEVERAL)]
    facts = [it.states(*pairs[0], it.depth), *(it.states(*pair) for pair in pairs[1:])]
    it.rng.shuffle(pairs)
    question = it.said.asks_several.format(names=", ".join(name for name, _ in pairs))
    return Hidden(tuple(facts), question, it.expected(*(code for _, code in pairs), ordered=True))


def _chain(it: _Setting) -> Hidden:
    """A code at the depth, and four names that have it one from the other; a second chain leads elsewhere."""
    name, code, facts = _linked(it, it.depth)
    _, decoy, others = _linked(it, it.anywhere())
    return Hidden((*facts, *others), it.said.asks.format(name=name), it.expected(code, decoys=(decoy,)))


def _linked(it: _Setting, depth: float) -> tuple[str, str, list[PlantedFact]]:
    names = [it.invent.name() for _ in range(_HOPS + 1)]
    code = it.invent.code()
    facts = [it.states(names[0], code, depth)]
    for other, name in itertools.pairwise(names):
        facts.append(PlantedFact(it.anywhere(), it.said.equals.format(name=name, other=other)))
    return names[-1], code, facts


def _clash(it: _Setting) -> Hidden:
    """Two codes of one name, as far apart as the depth says; both must be named."""
    name = it.invent.name()
    codes = [it.invent.code() for _ in range(2)]
    first = it.rng.uniform(0, 1 - it.depth)
    facts = (it.states(name, codes[0], first), it.states(name, codes[1], first + it.depth))
    return Hidden(facts, it.said.asks_clashing.format(name=name), it.expected(*codes))


def _absent(it: _Setting) -> Hidden:
    """A name that is not in the text, while a fact about its twin stands at the depth."""
    name = it.invent.name()
    twin, code = it.invent.twin(name), it.invent.code()
    return Hidden((it.states(twin, code, it.depth),), it.said.asks.format(name=name), it.expected(decoys=(code,)))


_TASKS: Mapping[str, Callable[[_Setting], Hidden]] = {
    "single": _single,
    "twins": _twins,
    "values": _values,
    "queries": _queries,
    "chain": _chain,
    "contradiction": _clash,
    "absent": _absent,
}
TASKS = tuple(_TASKS)
"""Names of the tasks."""
BY_DISTANCE = frozenset({"contradiction"})
"""Tasks whose depth is the distance between two facts."""


def hide(task: str, depth: float, said: Wording, invent: Inventor, rng: Random) -> Hidden:
    """Give what `task` hides at `depth` (0 to 1) and asks."""
    return _TASKS[task](_Setting(said, invent, rng, depth))

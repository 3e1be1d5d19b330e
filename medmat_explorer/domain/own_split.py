"""Which pictures of one's own subset are for training and which for testing.

Pictures of the same content, and pictures of the same group (a patient, a slide), are never on two sides. A side that
the folder or table gives is kept. The others are drawn label by label, so that each label has its share of the test.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from medmat_explorer.domain.qa import Split


@dataclass(frozen=True)
class Splittable:
    """One picture as the split sees it: what it shows, its answer, its group if any, and the side that it is given."""

    content: str
    answer: str
    group: str = ""
    given: Split | None = None


def split_pictures(pictures: Sequence[Splittable], share: float, seed: int) -> tuple[Split, ...]:
    """A side for each picture. The order of the pictures does not matter, the seed does.

    Each label that stands in two or more units (contents or groups that hang together) gives at least one to the test
    and keeps at least one for training. A unit with a given side goes there whole; to the test when it has both.
    """
    units = _units(pictures)
    sides: dict[int, Split] = {}
    free: dict[str, list[list[int]]] = defaultdict(list)
    for unit in units:
        given = {pictures[place].given for place in unit} - {None}
        if given:
            sides |= dict.fromkeys(unit, Split.TEST if Split.TEST in given else Split.TRAIN)
        else:
            free[_usual_answer(pictures, unit)].append(unit)
    for answer, waiting in sorted(free.items()):
        sides |= _drawn(pictures, sorted(waiting, key=lambda unit: _name(pictures, unit)), share, f"{seed}/{answer}")
    return tuple(sides[place] for place in range(len(pictures)))


def _drawn(pictures: Sequence[Splittable], units: list[list[int]], share: float, seed: str) -> dict[int, Split]:
    """Sides for the units of one label: whole units to the test, as near to the share of pictures as they come."""
    random.Random(seed).shuffle(units)
    wanted, held = max(1, round(sum(map(len, units)) * share)), 0
    test: list[list[int]] = []
    if share > 0 and len(units) > 1:
        for unit in units[:-1]:
            if held + len(unit) / 2 <= wanted:
                test.append(unit)
                held += len(unit)
        test = test or [min(units, key=len)]
    places = {place for unit in test for place in unit}
    return {place: Split.TEST if place in places else Split.TRAIN for unit in units for place in unit}


def _units(pictures: Sequence[Splittable]) -> list[list[int]]:
    """Places of pictures that have to stay together, through a content or a group, however long the chain."""
    parent = list(range(len(pictures)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[tuple[str, str], int] = {}
    for place, picture in enumerate(pictures):
        for mark in (("content", picture.content), ("group", picture.group)):
            if mark[1]:
                parent[root(place)] = root(first.setdefault(mark, place))
    together: dict[int, list[int]] = defaultdict(list)
    for place in range(len(pictures)):
        together[root(place)].append(place)
    return list(together.values())


def _usual_answer(pictures: Sequence[Splittable], unit: list[int]) -> str:
    counts = Counter(pictures[place].answer for place in unit)
    return min(counts, key=lambda answer: (-counts[answer], answer))


def _name(pictures: Sequence[Splittable], unit: list[int]) -> str:
    """What sorts units whatever the order of the pictures: the least content."""
    return min(pictures[place].content for place in unit)

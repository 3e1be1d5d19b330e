"""Which other item's picture is shown: within a group, or from any group but the item's own.

Pictures are exchanged, not items: questions about one picture go on sharing one, and no item ever gets its own back.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from medmat_explorer.domain.qa import QAItem


class Place(NamedTuple):
    """A picture in a group; one that stands in two groups has two places."""

    group: Hashable
    image: str


GroupOf = Callable[[QAItem], Hashable]
Exchange = Mapping[str, QAItem]
"""By item key, the item whose picture is shown instead; items for which there is none are left out."""
Thing = TypeVar("Thing", bound=Hashable)


def exchanged_within(items: Sequence[QAItem], seed: int, group_of: GroupOf = lambda item: item.subset) -> Exchange:
    """Pictures change places inside each group, all in one circle: each is shown, and none in its own place."""
    holders = _holders(items, group_of)
    instead: dict[Place, Place] = {}
    for group, places in _by_group(holders).items():
        circle = _shuffled(places, seed, group)
        instead |= dict(zip(circle, circle[1:] + circle[:1], strict=True))
    return _by_item(items, group_of, holders, instead)


def exchanged_across(items: Sequence[QAItem], group_of: GroupOf, seed: int) -> Exchange:
    """Every item gets a picture of another group.

    Each picture is shown once where no group holds more than half of them; else the smaller groups' pictures are shown
    as often as needed, in turn.
    """
    holders = _holders(items, group_of)
    groups = _by_group(holders)
    line = [place for name in _shuffled(groups, seed, "groups") for place in _shuffled(groups[name], seed, name)]
    largest = max(map(len, groups.values()), default=0)
    if 2 * largest <= len(line):
        instead = dict(zip(line, line[largest:] + line[:largest], strict=True))
    else:
        instead = {}
        for name in groups:
            others = [place for place in line if place.group != name]
            mine = [place for place in line if place.group == name] if others else []
            instead |= {place: others[turn % len(others)] for turn, place in enumerate(mine)}
    return _by_item(items, group_of, holders, instead)


def _holders(items: Iterable[QAItem], group_of: GroupOf) -> Mapping[Place, QAItem]:
    """For each picture in a group the item with the smallest key that has it, whatever the order of the list."""
    found: dict[Place, QAItem] = {}
    for item in sorted(items, key=lambda item: item.key):
        found.setdefault(Place(group_of(item), item.image), item)
    return found


def _by_group(places: Iterable[Place]) -> Mapping[Hashable, Sequence[Place]]:
    groups: defaultdict[Hashable, list[Place]] = defaultdict(list)
    for place in places:
        groups[place.group].append(place)
    return groups


def _shuffled(values: Iterable[Thing], seed: int, of: Hashable) -> list[Thing]:
    """In an order that hangs on the seed and on what it is for; values come in the order of the items' keys."""
    found = list(values)
    random.Random(f"{seed} {of}").shuffle(found)
    return found


def _by_item(
    items: Iterable[QAItem], group_of: GroupOf, holders: Mapping[Place, QAItem], instead: Mapping[Place, Place]
) -> Exchange:
    found = [(item, instead.get(Place(group_of(item), item.image))) for item in items]
    return {item.key: holders[place] for item, place in found if place and place.image != item.image}

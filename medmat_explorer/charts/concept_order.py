"""The order of concepts within their layers, with few crossings.

A concept's layer is its number of elements. An edge that skips layers gets a bend in each of them, so that every piece
joins neighbouring layers (K. Sugiyama, S. Tagawa, M. Toda, 1981). Orders are found by barycentre sweeps from several
starts; in the best of them each concept is tried at every place of its layer. Nothing is random: the same lattice has
always the same order.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from medmat_explorer.domain.concepts import ConceptLattice

Layers = list[list[int]]

SWEEPS, PATIENCE, SIFTS, SIFTED = 24, 4, 8, 3
SIFTED_LAYER = 160
"""Trying every place takes the square of a layer's size, so larger layers keep what the sweeps found."""


@dataclass(frozen=True)
class Layered:
    """Concepts and bends by layer. Below `concepts` a node is a concept's place, from there on a bend.

    `chains` has each pair of neighbours in the order as the nodes from the upper to the lower.
    """

    concepts: int
    layers: tuple[tuple[int, ...], ...]
    chains: tuple[tuple[int, ...], ...]

    @property
    def links(self) -> list[tuple[int, int]]:
        """The pieces of all chains; each joins a layer with the next."""
        return [piece for chain in self.chains for piece in pairwise(chain)]

    def crossings(self) -> int:
        """How many pairs of pieces cross."""
        return _crossings([list(layer) for layer in self.layers], _Joined(self.links))


class _Joined:
    """What each node is joined with in the layer above and in the layer below."""

    def __init__(self, links: Iterable[tuple[int, int]]) -> None:
        self.up: dict[int, list[int]] = {}
        self.down: dict[int, list[int]] = {}
        for upper, lower in links:
            self.down.setdefault(upper, []).append(lower)
            self.up.setdefault(lower, []).append(upper)


def unordered(lattice: ConceptLattice) -> Layered:
    """The layers with their bends, in the lattice's own order."""
    sizes = [len(concept.elements) for concept in lattice.concepts]
    level = {size: layer for layer, size in enumerate(sorted(set(sizes)))}
    layers: Layers = [[] for _ in level]
    for place, size in enumerate(sizes):
        layers[level[size]].append(place)
    chains, fresh = [], len(sizes)
    for lower, concept in enumerate(lattice.concepts):
        for upper in concept.above:
            bends = range(level[sizes[upper]] + 1, level[sizes[lower]])
            chains.append((upper, *range(fresh, fresh + len(bends)), lower))
            for layer in bends:
                layers[layer].append(fresh)
                fresh += 1
    return Layered(len(sizes), tuple(map(tuple, layers)), tuple(chains))


@lru_cache(maxsize=32)
def ordered(lattice: ConceptLattice) -> Layered:
    """The layers in the order with the fewest crossings that was found."""
    plain = unordered(lattice)
    joined = _Joined(plain.links)
    swept = sorted((_swept(start, joined) for start in _starts(plain, joined)), key=lambda s: _crossings(s, joined))
    sifted = [_sifted(layers, joined) for layers in swept[:SIFTED]]
    best = min(sifted, key=lambda layers: _crossings(layers, joined))
    return Layered(plain.concepts, tuple(map(tuple, best)), plain.chains)


def _starts(plain: Layered, joined: _Joined) -> list[Layers]:
    """The order as it came, and the orders in which a walk down from the top or up from the bottom meets the nodes."""
    layers = [list(layer) for layer in plain.layers]
    walks = [_met(layers[0], joined.down), _met(layers[-1], joined.up), _met(layers[0], joined.down, backwards=True)]
    return [layers, *([sorted(layer, key=lambda n: walk.get(n, 0)) for layer in layers] for walk in walks)]


def _met(start: Iterable[int], neighbours: dict[int, list[int]], *, backwards: bool = False) -> dict[int, int]:
    """When a walk in depth meets each node."""
    met: dict[int, int] = {}
    waiting = list(start)
    while waiting:
        node = waiting.pop()
        if node not in met:
            met[node] = len(met)
            further = neighbours.get(node, [])
            waiting += further if backwards else further[::-1]
    return met


def _places(layer: Sequence[int]) -> dict[int, int]:
    return {node: place for place, node in enumerate(layer)}


def _crossings(layers: Layers, joined: _Joined) -> int:
    return sum(_crossings_between(upper, lower, joined) for upper, lower in pairwise(layers))


def _crossings_between(upper: list[int], lower: list[int], joined: _Joined) -> int:
    """Pairs of links whose ends stand in opposite orders."""
    places, ends, total = _places(lower), list[int](), 0
    for node in upper:
        mine = sorted(places[other] for other in joined.down.get(node, ()))
        total += sum(len(ends) - bisect_right(ends, end) for end in mine)
        for end in mine:
            insort(ends, end)
    return total


def _swept(layers: Layers, joined: _Joined) -> Layers:
    """The best of several sweeps down and up, each layer sorted by where its neighbours stand on average."""
    now = [list(layer) for layer in layers]
    best, least, idle = now, _crossings(now, joined), 0
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        order = range(1, len(now)) if down else range(len(now) - 2, -1, -1)
        now = [list(layer) for layer in now]
        for layer in order:
            now[layer] = _sorted_by_mean(
                now[layer], now[layer - 1 if down else layer + 1], joined.up if down else joined.down
            )
        count = _crossings(now, joined)
        best, least, idle = (now, count, 0) if count < least else (best, least, idle + 1)
        if idle > PATIENCE:
            break
    return best


def _sorted_by_mean(layer: list[int], fixed: list[int], neighbours: dict[int, list[int]]) -> list[int]:
    places, stretch = _places(fixed), len(fixed) / max(1, len(layer))

    def mean(place: int, node: int) -> float:
        others = neighbours.get(node)
        return sum(places[other] for other in others) / len(others) if others else place * stretch

    means = {node: mean(place, node) for place, node in enumerate(layer)}
    return sorted(layer, key=lambda node: means[node])


def _sifted(layers: Layers, joined: _Joined) -> Layers:
    """Each node moved to the place of its layer where it crosses least, until nothing gets better."""
    now = [list(layer) for layer in layers]
    for _ in range(SIFTS):
        better = [_sift_layer(now, layer, joined) for layer in range(len(now)) if len(now[layer]) <= SIFTED_LAYER]
        if not any(better):
            break
    return now


def _sift_layer(layers: Layers, number: int, joined: _Joined) -> bool:
    ends = [
        (_ends(layers[other], neighbours))
        for other, neighbours in ((number - 1, joined.up), (number + 1, joined.down))
        if 0 <= other < len(layers)
    ]
    layer, better = layers[number], False
    for node in list(layer):
        gain, place = _best_place(layer, node, ends)
        if gain < 0:
            layer.remove(node)
            layer.insert(place, node)
            better = True
    return better


def _ends(fixed: Sequence[int], neighbours: dict[int, list[int]]) -> Callable[[int], list[int]]:
    """Where a node's neighbours stand in the fixed layer, sorted."""
    places = _places(fixed)
    known: dict[int, list[int]] = {}

    def ends(node: int) -> list[int]:
        if node not in known:
            known[node] = sorted(places[other] for other in neighbours.get(node, ()))
        return known[node]

    return ends


def _best_place(layer: list[int], node: int, ends: Sequence[Callable[[int], list[int]]]) -> tuple[int, int]:
    """The change in crossings and the place, for the best place of the node in its layer."""
    here = layer.index(node)
    sides = [(of(node), of) for of in ends]
    best, place = 0, here
    for way, sign in ((range(here - 1, -1, -1), 1), (range(here + 1, len(layer)), -1)):
        change = 0
        for at in way:
            for mine, of in sides:
                change += sign * _balance(mine, of(layer[at]))
            if change < best:
                best, place = change, at
    return best, place


def _balance(mine: list[int], other: list[int]) -> int:
    """Crossings when mine stands to the left of the other, less those when it stands to the right."""
    total, size = 0, len(other)
    for end in mine:
        total += bisect_left(other, end) + bisect_right(other, end) - size
    return total

"""What is written in the picture of the cube: areas by modalities, a mark for each task, the cross of the target.

The cross of a target is all that shares its modality (a column) or its area (a row); cells that share its task are
known by their mark. An empty cell of the cross is a gap next to the target. A second target has a cross of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from medmat_explorer.charts.matrix_content import (
    GAP_SIGN,
    OTHER_SIGN,
    OWN_SIGN,
    Badge,
    CellFace,
    HeadFace,
    LegendEntry,
    MarkFace,
    MatrixFace,
    Tone,
    entries,
    in_use,
)
from medmat_explorer.charts.task_codes import task_codes
from medmat_explorer.domain.element_cube import ElementCube, Place
from medmat_explorer.domain.gaps import Access, AtHand
from medmat_explorer.domain.triplet import MODALITY_NAMES, Axis, MatTriplet

MOST_ROWS, MOST_COLUMNS = 48, 32
"""Larger cubes show their fullest rows and columns and those of the targets; the table has all."""

LEGEND = entries(
    (MarkFace(OWN_SIGN, (Tone.OWN,)), "the target's cell"),
    (MarkFace(OTHER_SIGN, (Tone.OTHER_OWN,)), "the other target's cell"),
    (MarkFace("Abc", (Tone.TASK,)), "shares the target's task"),
    (MarkFace("Abc", (Tone.OTHER_TASK,)), "shares the other target's task"),
    (MarkFace(GAP_SIGN, (Tone.GAP,)), "a gap in a target's cross"),
    (MarkFace("Abc", (Tone.ABSENT,)), "nothing of it in this collection"),
)
CROSS = entries(
    (MarkFace("M A"), "heads of the target's modality and area; their column and row are tinted"),
    (MarkFace("M A", (Tone.ABSENT,)), "those of the other target, in broken lines"),
)


@dataclass(frozen=True)
class CubeFace:
    """The picture's words, the code of each task in it, its legend, and how many rows and columns were left out."""

    matrix: MatrixFace
    codes: Mapping[str, str]
    legend: tuple[LegendEntry, ...]
    rows_left_out: int = 0
    columns_left_out: int = 0


@dataclass(frozen=True)
class _Crosses:
    """The elements of the target and of the one it is compared with, as the cube writes them."""

    target: MatTriplet
    other: MatTriplet | None

    def head_badges(self, axis: Axis, element: str) -> tuple[Badge, ...]:
        badges = [Badge(axis)] if self.target[axis] == element else []
        if self.other and self.other[axis] == element:
            badges.append(Badge(axis, other=True))
        return tuple(badges)

    def tones(self, place: Place) -> tuple[Tone, ...]:
        found = _cross(self.target, place, (Tone.COLUMN, Tone.ROW, Tone.OWN))
        if self.other:
            found += _cross(self.other, place, (Tone.OTHER_COLUMN, Tone.OTHER_ROW, Tone.OTHER_OWN))
        return found

    def task_tones(self, task: str) -> tuple[Tone, ...]:
        tones = (Tone.TASK,) if task == self.target.task else ()
        return (*tones, Tone.OTHER_TASK) if self.other and task == self.other.task else tones


def _cross(target: MatTriplet, place: Place, tones: tuple[Tone, Tone, Tone]) -> tuple[Tone, ...]:
    column, row = place[0] == target.modality, place[1] == target.area
    return tuple(tone for tone, holds in zip(tones, (column, row, column and row), strict=True) if holds)


def cube_face(
    cube: ElementCube, target: MatTriplet, stock: Mapping[str, AtHand], other: MatTriplet | None = None
) -> CubeFace:
    """The faces of the cube. `target` and `other` are elements under the cube's rule (`RelationRule.elements`)."""
    crosses = _Crosses(cube.written(target), cube.written(other) if other else None)
    wanted = [t for t in (crosses.target, crosses.other) if t]
    areas = _fullest(cube.areas, Axis.AREA, cube, [t.area for t in wanted], MOST_ROWS)
    modalities = _fullest(cube.modalities, Axis.MODALITY, cube, [t.modality for t in wanted], MOST_COLUMNS)
    codes = task_codes(cube.tasks)
    cells = tuple(
        cell
        for row, area in enumerate(areas)
        for column, modality in enumerate(modalities)
        if (cell := _cell(cube, (modality, area), (row, column), crosses, codes, stock))
    )
    matrix = MatrixFace(
        rows=tuple(_head(Axis.AREA, area, crosses) for area in areas),
        columns=tuple(_head(Axis.MODALITY, modality, crosses) for modality in modalities),
        cells=cells,
        row_axis=Axis.AREA,
        column_axis=Axis.MODALITY,
        empty="empty, a gap for every task",
    )
    left_out = len(set(cube.areas) - set(areas)), len(set(cube.modalities) - set(modalities))
    crossed = CROSS if crosses.other else CROSS[:1]
    return CubeFace(matrix, codes, (*crossed, *in_use(LEGEND, matrix)), *left_out)


def _fullest(names: Iterable[str], axis: Axis, cube: ElementCube, wanted: Iterable[str], most: int) -> tuple[str, ...]:
    """At most so many elements, those of the targets among them even where no subset has them, sorted by name."""
    kept = dict.fromkeys(wanted)
    counts: dict[str, int] = {}
    for triplet in cube.triplets.values():
        counts[triplet[axis]] = counts.get(triplet[axis], 0) + 1
    kept |= dict.fromkeys(sorted(names, key=lambda name: (-counts[name], name.casefold())))
    return tuple(sorted(list(kept)[: max(most, 2)], key=str.casefold))


def _head(axis: Axis, element: str, crosses: _Crosses) -> HeadFace:
    badges = crosses.head_badges(axis, element)
    long = MODALITY_NAMES.get(element, element) if axis is Axis.MODALITY else element
    whose = {(False,): ", the target's", (True,): ", the other target's", (False, True): ", of both targets"}
    said = whose.get(tuple(badge.other for badge in badges), "")
    return HeadFace(element, element, badges=badges, label=f"{axis.value} {long}{said}")


def _cell(
    cube: ElementCube,
    place: Place,
    at: tuple[int, int],
    crosses: _Crosses,
    codes: Mapping[str, str],
    stock: Mapping[str, AtHand],
) -> CellFace | None:
    """The face of a cell; None for an empty one outside the crosses."""
    tasks, tones = cube.tasks_in(place), crosses.tones(place)
    if not tasks and not tones:
        return None
    marks = [MarkFace(OWN_SIGN, (Tone.OWN,))] if Tone.OWN in tones else []
    marks += [MarkFace(OTHER_SIGN, (Tone.OTHER_OWN,))] if Tone.OTHER_OWN in tones else []
    if not tasks:
        marks.append(MarkFace(GAP_SIGN, (Tone.GAP,)))
        tones = (*tones, Tone.GAP)
    for task, numbers in tasks.items():
        here = any(stock[n].access < Access.PUBLISHED for n in numbers if n in stock)
        count = f"×{len(numbers)}" if len(numbers) > 1 else ""
        absent = () if here else (Tone.ABSENT,)
        marks.append(MarkFace(codes[task] + count, (*crosses.task_tones(task), *absent)))
    return CellFace(*at, tuple(marks), f"{' '.join(place)}: {_said(tasks, tones)}", tones)


WHERE = (
    (Tone.OWN, "the target's cell"),
    (Tone.COLUMN, "the target's modality"),
    (Tone.ROW, "the target's area"),
    (Tone.OTHER_OWN, "the other target's cell"),
    (Tone.OTHER_COLUMN, "the other target's modality"),
    (Tone.OTHER_ROW, "the other target's area"),
)


def _said(tasks: Mapping[str, tuple[str, ...]], tones: tuple[Tone, ...]) -> str:
    held = (
        "; ".join(f"{task} ({', '.join(numbers)})" for task, numbers in tasks.items()) or "empty, a gap for every task"
    )
    own = {Tone.COLUMN, Tone.ROW} if Tone.OWN in tones else set()
    own |= {Tone.OTHER_COLUMN, Tone.OTHER_ROW} if Tone.OTHER_OWN in tones else set()
    where = [words for tone, words in WHERE if tone in tones and tone not in own]
    return f"{held} ({', '.join(where)})" if where else held

"""Every subset by what it shares with one target (rows) and with another (columns), the occupied ones only."""

from medmat_explorer.charts.matrix_content import Badge, CellFace, HeadFace, MarkFace, MatrixFace
from medmat_explorer.domain.relation import ALL_RELATIONS, Relation
from medmat_explorer.domain.target_comparison import TargetComparison

MOST_MARKS = 60
"""So many subsets are named in a cell; of more the first, and how many more."""

ORDER = tuple(sorted(ALL_RELATIONS, key=lambda shared: (-shared.size, shared.value)))
"""Most shared first."""


def comparison_face(compared: TargetComparison) -> MatrixFace:
    """Rows and columns for the relations that occur; a cell's marks are the numbers of its subsets."""
    rows = [shared for shared in ORDER if any(a is shared for a, _ in compared.groups)]
    columns = [shared for shared in ORDER if any(b is shared for _, b in compared.groups)]
    first, second = compared.first.key, compared.second.key
    cells = tuple(
        _cell(rows.index(a), columns.index(b), numbers, f"shares {words(a)} with {first}, {words(b)} with {second}")
        for (a, b), numbers in sorted(
            compared.groups.items(), key=lambda g: (ORDER.index(g[0][0]), ORDER.index(g[0][1]))
        )
    )
    return MatrixFace(
        rows=tuple(_head(shared, first) for shared in rows),
        columns=tuple(_head(shared, second, other=True) for shared in columns),
        cells=cells,
        empty="no subset",
    )


def words(shared: Relation) -> str:
    """`modality and area`, or `nothing`."""
    return " and ".join(axis.value for axis in shared.axes) or "nothing"


def _head(shared: Relation, target: str, *, other: bool = False) -> HeadFace:
    key = "+".join(axis.value for axis in shared.axes) or "nothing"
    badges = tuple(Badge(axis, other=other) for axis in shared.axes)
    text = "" if shared else "nothing"
    return HeadFace(key, text, badges=badges, label=f"shares {words(shared)} with {target}")


def _cell(row: int, column: int, numbers: tuple[str, ...], shared: str) -> CellFace:
    marks = [MarkFace(number) for number in numbers[:MOST_MARKS]]
    if len(numbers) > MOST_MARKS:
        marks.append(MarkFace(f"+{len(numbers) - MOST_MARKS}"))
    return CellFace(row, column, tuple(marks), f"{', '.join(numbers[:MOST_MARKS])}: {shared}")

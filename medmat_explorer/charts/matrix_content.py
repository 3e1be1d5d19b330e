"""What is written in a picture of rows and columns: heads, and marks in cells. Positions are in `matrix_layout`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from medmat_explorer.domain.triplet import Axis


class Tone(StrEnum):
    """How a mark or a cell is drawn. What a tone says is said by its shape or its words too, never by colour alone."""

    ROW = "row"
    COLUMN = "column"
    OWN = "own"
    OTHER_ROW = "other-row"
    OTHER_COLUMN = "other-column"
    OTHER_OWN = "other-own"
    GAP = "gap"
    TASK = "task"
    OTHER_TASK = "other-task"
    ABSENT = "absent"
    STRONG = "strong"
    PLAIN = "plain"
    QUIET = "quiet"


OWN_SIGN, OTHER_SIGN, GAP_SIGN = "◎", "◇", "+"


@dataclass(frozen=True)
class Badge:
    """The letter of an axis in a head; that of the target compared with is drawn with a broken line."""

    axis: Axis
    other: bool = False

    @property
    def letter(self) -> str:
        """M, A or T."""
        return self.axis.value[0].upper()


@dataclass(frozen=True)
class HeadFace:
    """The head of a row or column: an optional number, words, a second line of words (rows only), badges."""

    key: str
    text: str
    number: str = ""
    note: str = ""
    badges: tuple[Badge, ...] = ()
    label: str = ""

    @property
    def words(self) -> str:
        """In full, for those who cannot see it."""
        return self.label or " ".join(part for part in (self.number, self.text, self.note) if part)


@dataclass(frozen=True)
class MarkFace:
    """A few letters or a sign in a cell."""

    text: str
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True)
class CellFace:
    """The marks of the cell in that row and column; `label` says in words what it holds."""

    row: int
    column: int
    marks: tuple[MarkFace, ...]
    label: str
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True)
class MatrixFace:
    """Rows, columns and the cells that hold anything; of the others `empty` is said. The axes give the colours."""

    rows: tuple[HeadFace, ...]
    columns: tuple[HeadFace, ...]
    cells: tuple[CellFace, ...]
    row_axis: Axis | None = None
    column_axis: Axis | None = None
    empty: str = "nothing"


@dataclass(frozen=True)
class LegendEntry:
    """A mark as the picture draws it, and what it means."""

    mark: MarkFace
    meaning: str


def entries(*pairs: tuple[MarkFace, str]) -> tuple[LegendEntry, ...]:
    """A legend from pairs of mark and meaning."""
    return tuple(LegendEntry(mark, meaning) for mark, meaning in pairs)


def in_use(legend: Iterable[LegendEntry], face: MatrixFace) -> tuple[LegendEntry, ...]:
    """The entries whose tones or words stand in the picture."""
    marks = [mark for cell in face.cells for mark in cell.marks]
    tones = {tone for mark in marks for tone in mark.tones} | {tone for cell in face.cells for tone in cell.tones}
    texts = {mark.text for mark in marks}
    return tuple(e for e in legend if set(e.mark.tones) <= tones and (e.mark.tones or e.mark.text in texts))

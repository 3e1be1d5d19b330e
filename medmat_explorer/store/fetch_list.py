"""Which source data sets a collection needs its pictures from, where to unpack them, and what each would unlock."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from posixpath import commonpath, dirname
from typing import Any

from medmat_explorer.domain.facts import subset_number
from medmat_explorer.domain.subset import subset_order
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.versions import OWN_IMAGES

NO_LICENCE = "not stated by the paper; see the link"
NO_LINK = "no link known"
UNPUBLISHED = "The release has no question file of this data set."

QUERY = """
WITH chosen AS (SELECT dataset, subset, image_id, image FROM items WHERE list_contains($subsets, subset)),
images AS (
    SELECT dataset, image_id, any_value(coalesce(state, 'unchecked')) AS state, count(*) AS items
    FROM chosen LEFT JOIN states USING (image_id) GROUP BY dataset, image_id
)
SELECT p.dataset, p.subsets, p.first, p.last, sum(items)::BIGINT, count(*),
    coalesce(sum(items) FILTER (state = 'missing'), 0)::BIGINT, count(*) FILTER (state = 'missing'),
    count(*) FILTER (state = 'unchecked')
FROM images JOIN (
    SELECT dataset, list_sort(list(DISTINCT subset)) AS subsets, min(image) AS first, max(image) AS last
    FROM chosen GROUP BY dataset
) p USING (dataset) GROUP BY ALL
"""


@dataclass(frozen=True)
class FetchLine:
    """One source data set and what depends on it.

    `folder` is the common folder of all its image paths, below the collection's root; `items` and `images` are all that
    use it, `missing_items` and `missing_images` what fetching it would unlock. `notes` are what is known to be odd.
    """

    dataset: str
    name: str
    subsets: tuple[str, ...]
    links: tuple[str, ...]
    citation: str
    licence: str
    folder: str
    items: int
    images: int
    missing_items: int
    missing_images: int
    unchecked_images: int
    notes: tuple[str, ...]

    @property
    def label(self) -> str:
        """For people: number and name."""
        return f"{self.dataset} {self.name}".strip()


def fetch_list(
    catalog: Catalog, subsets: Iterable[str] = (), notes_of: Callable[[str], Sequence[str]] = lambda dataset: ()
) -> tuple[FetchLine, ...]:
    """The data sets of the chosen subsets (of all, when none is chosen), those that unlock most items first.

    A subset of one's own needs none: its pictures are here.

    `notes_of` gives further notes about a data set by its number. Raises UnknownNameError for a subset without items.
    """
    known = [subset.number for subset in catalog.subsets()]
    chosen = [subset_number(number) for number in subsets] or known
    for number in chosen:
        if number not in known:
            raise UnknownNameError("subset", number, known)
    catalog.connection.follow_check()
    rows = catalog.connection.rows(QUERY, {"subsets": chosen})
    lines = [_line(catalog, tuple(row), notes_of) for row in rows]
    lines = [line for line in lines if line.folder.split("/")[0] != OWN_IMAGES]
    return tuple(sorted(lines, key=lambda line: (-line.missing_items, len(line.dataset), line.dataset)))


def as_csv(lines: Iterable[FetchLine]) -> str:
    """One line a data set, with a head; lists are parted by blanks (links, subsets) or ` | ` (notes)."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(FetchLine.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    for line in lines:
        parts = {"subsets": " ".join(line.subsets), "links": " ".join(line.links), "notes": " | ".join(line.notes)}
        writer.writerow({name: _no_formula(value) for name, value in {**asdict(line), **parts}.items()})
    return stream.getvalue()


def as_markdown(lines: Sequence[FetchLine], title: str) -> str:
    """A list to work through, one section a data set."""
    items, images = sum(line.missing_items for line in lines), sum(line.missing_images for line in lines)
    head = [f"# {_escaped(title)}", "", f"{len(lines)} data sets; {images:,} images of {items:,} items are missing."]
    return "\n".join([*head, *(part for line in lines for part in _section(line))]) + "\n"


def as_json(lines: Iterable[FetchLine]) -> list[dict[str, Any]]:
    """Objects as the command line prints them."""
    listed = ("subsets", "links", "notes")
    return [{**asdict(line), **{name: list(getattr(line, name)) for name in listed}} for line in lines]


def _line(catalog: Catalog, row: tuple[Any, ...], notes_of: Callable[[str], Sequence[str]]) -> FetchLine:
    number, subsets, first, last, items, images, missing_items, missing_images, unchecked = row
    source = catalog.datasets().get(number)
    notes = [UNPUBLISHED] if source is not None and not source.published_qa else []
    return FetchLine(
        dataset=number,
        name=source.name if source else "a data set that is not known",
        subsets=tuple(sorted(subsets, key=subset_order)),
        links=source.links if source else (),
        citation=source.citation if source else "",
        licence=NO_LICENCE,
        folder=_folder(first, last),
        items=items,
        images=images,
        missing_items=missing_items,
        missing_images=missing_images,
        unchecked_images=unchecked,
        notes=(*notes, *notes_of(number)),
    )


def _folder(first: str, last: str) -> str:
    """The folder that holds the first and the last path by the alphabet, and so all between them."""
    return commonpath([dirname(first), dirname(last)]) if "/" in first and "/" in last else ""


def _section(line: FetchLine) -> list[str]:
    where = ", ".join(f"<{link}>" for link in line.links) or NO_LINK
    unlocks = f"{line.missing_images:,} of {line.images:,} images, {line.missing_items:,} of {line.items:,} items"
    lines = [
        "",
        f"## {_escaped(line.label)}",
        "",
        f"- Where: {where}",
        f"- Unpack into: `{line.folder.replace('`', '')}/` below the collection's folder",
        f"- Unlocks: {unlocks}",
        f"- Subsets: {', '.join(line.subsets)}",
        f"- Citation: {_escaped(line.citation) or 'none known'}",
        f"- Licence: {line.licence}",
    ]
    if line.unchecked_images:
        lines.append(f"- Not yet looked at: {line.unchecked_images:,} images")
    return [*lines, *(f"- Note: {_escaped(note)}" for note in line.notes)]


def _escaped(text: str) -> str:
    """Without what Markdown would read as markup or as a new line."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in " ".join(text.split()))


def _no_formula(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a quote before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in set("=+-@\t\r") else value

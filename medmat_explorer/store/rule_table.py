"""A rule of a reader's own as a table: one row a subset, with the task that it is read as. Written and read as CSV.

A row whose subset is `*` says how a task is read in triples that no subset has. Texts that a spreadsheet would run get
an apostrophe, which reading takes away again.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from medmat_explorer.domain.facts import subset_number
from medmat_explorer.domain.relation import DEFAULT_RULE, RULES, RelationRule
from medmat_explorer.domain.subset import Subset
from medmat_explorer.domain.task_rule import changed_readings, checked_task, reason_of, task_rule
from medmat_explorer.errors import RuleError, UnknownNameError
from medmat_explorer.store.exports.csv_table import guarded, unguarded

COLUMNS = ("subset_no", "modality", "area", "published_task", "task", "confidence", "note", "base")
NEEDED = ("subset_no", "task")
ANY = "*"
"""Stands for the subset's number where a row speaks of triples that no subset has."""

LARGEST = 8 << 20
"""Bytes; a table of ten thousand subsets is smaller by far."""


def written_table(subsets: Mapping[str, Subset], rule: RelationRule) -> bytes:
    """The rule as CSV: what it reads every subset as, and what is known of each; any rule has such a table.

    UTF-8 with a mark at its start by which spreadsheets know it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, subset in subsets.items():
        triplet = subset.triplet
        about = (triplet.modality, triplet.area, subset.published_task, rule.elements(subset).task)
        sure = (subset.task_confidence, subset.task_note, rule.base)
        writer.writerow([guarded(cell) for cell in (number, *about, *sure)])
    for old, new in rule.task_names:
        note = "in triples that no subset has"
        writer.writerow([guarded(cell) for cell in (ANY, "", "", old, new, "", note, rule.base)])
    return text.getvalue().encode("utf-8-sig")


def rule_from_table(
    content: bytes, name: str, subsets: Mapping[str, Subset], base: str = "", *, what: str = "The table"
) -> RelationRule:
    """The rule that a CSV describes, under a name. Only `subset_no` and `task` are needed; missing subsets are read as
    the base rule reads them (the table's own, else `base`, else the default).

    `what` is how the table is called in complaints. Raises RuleError for a table or a row that cannot be read, and for
    a subset that is not among `subsets`, by its number; UnknownNameError for a base that is no rule.
    """
    table = _Readings({}, {}, set())
    for place, row in _rows(content, what):
        _take(row, f"{what}, row {place}", table, subsets)
    if len(table.bases) > 1:
        raise RuleError(f"{what} names several base rules ({', '.join(sorted(table.bases))}): a rule has one.")
    base = table.bases.pop() if table.bases else base or DEFAULT_RULE
    if base not in RULES:
        raise UnknownNameError("base rule", base, RULES, f"({what}, column base.)")
    rule = task_rule(name, base, table.tasks, table.names)
    return replace(rule, reason=reason_of(changed_readings(subsets.values(), rule), base))


def rule_in_file(file: Path, subsets: Mapping[str, Subset]) -> RelationRule:
    """The rule in a CSV file, called as the file is. Raises RuleError and UnknownNameError as `rule_from_table`."""
    try:
        if file.stat().st_size > LARGEST:
            raise RuleError(f"'{file}' is no table of a rule: it is larger than {LARGEST >> 20} MB.")
        content = file.read_bytes()
    except OSError as error:
        raise RuleError(f"'{file}' cannot be read: {error.strerror or error}.") from error
    return rule_from_table(content, rule_name_of(file.name), subsets, what=f"'{file.name}'")


def rule_name_of(file: str) -> str:
    """What the rule in a file of this name is called: as the file, without what a rule's name cannot have."""
    stem = PurePath(file).stem.removeprefix("rule-")
    return re.sub(r"[^\w-]+", " ", stem).strip(" _-")[:40].strip()


@dataclass
class _Readings:
    """What a table says: tasks by subset, names by name, and the base rules that it names."""

    tasks: dict[str, str]
    names: dict[str, str]
    bases: set[str]


def _take(row: dict[str, str], where: str, table: _Readings, subsets: Mapping[str, Subset]) -> None:
    number, task = row["subset_no"].strip(), checked_task(row["task"], where)
    table.bases |= {row["base"].strip()} - {""}
    if number == ANY:
        _add(table.names, checked_task(row["published_task"], where), task, where)
        return
    number = subset_number(number)
    if number not in subsets:
        raise UnknownNameError("subset", number or "(empty)", subsets, f"({where}.)")
    _add(table.tasks, number, task, where)


def _rows(content: bytes, what: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their place in the file, the head being the first; every column there, empty where it is not given."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError(f"{what} is not UTF-8 text: save it as CSV in UTF-8.") from None
    if len(content) > LARGEST or "\0" in text:
        raise RuleError(f"{what} is no table of a rule: it is larger than {LARGEST >> 20} MB or no text.")
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        columns = [column.strip().casefold() for column in next(reader, [])]
        for column in NEEDED:
            if column not in columns:
                raise RuleError(
                    f"{what} has no column '{column}': its first line names the columns {', '.join(NEEDED)}."
                )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _row(cells, columns, f"{what}, row {reader.line_num}")
    except csv.Error as error:
        raise RuleError(f"{what} cannot be read as CSV near row {reader.line_num}: {error}.") from None


def _row(cells: list[str], columns: list[str], where: str) -> dict[str, str]:
    if len(cells) > len(columns):
        raise RuleError(
            f"{where} has {len(cells)} cells and the table {len(columns)} columns: quote texts that hold commas."
        )
    found = dict(zip(columns, map(unguarded, cells), strict=False))
    return {**dict.fromkeys(COLUMNS, ""), **found}


def _add(readings: dict[str, str], of: str, task: str, where: str) -> None:
    if readings.setdefault(of, task) != task:
        raise RuleError(f"{where} reads {of} as '{task}', an earlier row as '{readings[of]}': give it one task.")

"""Reads the well-formed records of a file inside DuckDB.

A record is taken here only when every part of it has the release's usual form; all others are left to the
reference reader (`domain.release_record`), with which this one agrees on what it takes.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb

from medmat_explorer.domain.qa import LETTERS
from medmat_explorer.domain.release_record import LONGEST_TEXT, RecordOrigin
from medmat_explorer.store.layout import ReleaseFile
from medmat_explorer.store.schema import FILE_SPAN
from medmat_explorer.store.tolerant_json import LONGEST_RECORD

KEYS = ("id", "caption", "image", "Question", "Answer", "Question-choice", "Answer-choice", "data-no")
VISIBLE, WITHIN = r"[^\x00-\x20\x7f]", r"[^\x00-\x08\x0a-\x1f\x7f]"
LINE = rf"{VISIBLE}(?:{WITHIN}*{VISIBLE})?"
INSTRUCTION = "Answer with "


def _shape(sign: str) -> str:
    """The pattern of an option list whose letters are followed by the sign, with or without an instruction."""
    nested = ""
    for letter in reversed(LETTERS[2:]):
        nested = f"(?:\n{letter}{sign} {LINE}{nested})?"
    return f"A{sign} {LINE}\nB{sign} {LINE}{nested}(?:\n{INSTRUCTION}{LINE})?"


SHAPES = {":": _shape(":"), ".": _shape("[.]")}
LOW_BITS = (1 << 63) - 1
EDGE = 4096

LOAD = f"""
CREATE OR REPLACE TEMP TABLE written AS
SELECT * FROM read_json($path, format = 'array', maximum_object_size = {LONGEST_RECORD},
    columns = {{{", ".join(f"'{key}': 'JSON'" for key in KEYS)}}})
"""
"""A list is parsed by one thread; what follows from this table is computed by all of them."""

PLAIN_PATH = " AND ".join(
    [
        "NOT image_json::VARCHAR ^@ '\"/'",
        "NOT (image ^@ '.' OR image ^@ '~' OR image ^@ ' ' OR ends_with(image, ' ') OR ends_with(image, '/'))",
        *(f"NOT contains(image_json, {sign})" for sign in ("chr(92)", "chr(127)", "'//'", "'/.'")),
        "NOT contains(split_part(image, '/', 1), ':')",
        "length(image) BETWEEN 1 AND 1000",
    ]
)
"""No escapes, so no control characters and backslashes; no drive or scheme; no empty, `.` or `..` part."""

READ = f"""
WITH texts AS (
    SELECT rowid AS ordinal, id AS id_json, image AS image_json, "data-no"->>'$' AS data_no, caption->>'$' AS caption,
        image->>'$' AS image, Question->>'$' AS question, Answer->>'$' AS answer,
        "Question-choice"->>'$' AS choice, "Answer-choice"->>'$' AS letter,
        {" AND ".join(f'"{key}"::VARCHAR ^@ chr(34)' for key in KEYS if key != "id")} AS all_texts
    FROM written
), parted AS (
    SELECT *, substr(choice, length(question) + 2) AS list, string_split(list, chr(10)) AS lines,
        ascii(letter) - 64 AS place
    FROM texts
), shaped AS (
    SELECT *, starts_with(lines[-1], '{INSTRUCTION}') AS instructed,
        list_transform(CASE WHEN instructed THEN lines[:-2] ELSE lines END, lambda line: substr(line, 4)) AS options
    FROM parted
), judged AS (
    SELECT *, coalesce(all_texts
        AND regexp_full_match(id_json, '-?(?:0|[1-9][0-9]{{0,17}})')
        AND strlen(choice) <= {LONGEST_TEXT} AND strlen(caption) <= {LONGEST_TEXT}
        AND starts_with(choice, question || chr(10))
        AND regexp_full_match(question, '{LINE}(?:\n{LINE})*')
        AND CASE WHEN list ^@ 'A:' THEN regexp_full_match(list, '{SHAPES[":"]}')
            ELSE regexp_full_match(list, '{SHAPES["."]}') END
        AND regexp_full_match(letter, '[A-Z]') AND options[place] = answer
        AND {PLAIN_PATH}
        AND NOT regexp_matches(caption, '[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f]')
        AND list_contains($datasets, data_no), false) AS accepted,
        CASE WHEN $multi_label THEN list_sort(list_distinct(list_filter(list_transform(
            string_split(answer, ','), lambda part: trim(part, E' \\t\\n\\r\\f')), lambda part: part <> '')))
        ELSE [answer] END AS labels,
        md5_number(concat_ws(chr(31), $subset, image, question, array_to_string(options, chr(30)), letter)) AS hash
    FROM shaped
)
SELECT $file_no * {FILE_SPAN} + ordinal, $file_no, $split, accepted,
    (hash & {LOW_BITS}::UHUGEINT)::BIGINT, hash, id_json,
    (md5_number(image) & {LOW_BITS}::UHUGEINT)::BIGINT, image, question, options,
    lines[1][2], CASE WHEN instructed THEN lines[-1] ELSE '' END, NULL, letter, labels, caption, data_no, []
FROM judged
"""


RECORD = "json_object(" + ", ".join(f"'{key}', \"{key}\"" for key in KEYS) + ")"


class FastPathRefusedError(Exception):
    """DuckDB cannot read the file; it is left to the tolerant reader. Never leaves the store."""


def stage_well_formed(
    connection: duckdb.DuckDBPyConnection, file: ReleaseFile, file_no: int, origin: RecordOrigin
) -> tuple[int, list[int]]:
    """Stages a file's records; returns their number and the ordinals of those left to the reference reader.

    Raises FastPathRefusedError when DuckDB refuses the file; nothing of it is staged then.
    """
    if any(sign in str(file.path) for sign in "*?[]{}") or not _looks_whole(file.path):
        raise FastPathRefusedError(file.path.name)
    try:
        connection.execute(LOAD, {"path": str(file.path)})
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException, UnicodeError) as error:
        raise FastPathRefusedError(file.path.name) from error
    parameters = {
        "file_no": file_no,
        "split": file.split.value,
        "subset": origin.subset,
        "multi_label": origin.multi_label,
        "datasets": [origin.dataset] if origin.dataset else sorted(origin.known_datasets),
    }
    connection.execute(f"INSERT INTO staged {READ}", parameters)
    number = _size(connection, "written")
    rest = connection.execute(
        "SELECT place FROM staged WHERE file_no = $file_no AND NOT accepted ORDER BY place", {"file_no": file_no}
    )
    left = [int(row[0]) % FILE_SPAN for row in rest.fetchall()]
    if left:
        connection.execute("DELETE FROM staged WHERE NOT accepted")
    return number, left


def written_records(
    connection: duckdb.DuckDBPyConnection, ordinals: list[int]
) -> Iterator[tuple[int, dict[str, object] | None]]:
    """Records of the file staged last, by their ordinals; keys that nothing reads are left out.

    None stands for one that only DuckDB can read, as when it is nested too deep.
    """
    rows = connection.execute(
        f"SELECT rowid, {RECORD} FROM written WHERE rowid IN (SELECT unnest($ordinals::BIGINT[])) ORDER BY rowid",
        {"ordinals": ordinals},
    )
    for ordinal, text in rows.fetchall():
        try:
            yield int(ordinal), json.loads(text)
        except (ValueError, RecursionError):
            yield int(ordinal), None


def _looks_whole(path: Path) -> bool:
    """Whether a list stands from the first to the last sign of the file; DuckDB does not mind a missing end."""
    with path.open("rb") as stream:
        start = stream.read(EDGE).removeprefix(codecs.BOM_UTF8).lstrip()
        stream.seek(max(0, path.stat().st_size - EDGE))
        return start.startswith(b"[") and stream.read().rstrip().endswith(b"]")


def _size(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0

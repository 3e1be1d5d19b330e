"""Reads the well-formed records of a file inside DuckDB.

A record is taken here only when every part of it has the release's usual form; all others are left to the
reference reader (`domain.release_record`), with which this one agrees on what it takes.
"""

import duckdb

from medmat_explorer.domain.qa import LETTERS
from medmat_explorer.domain.release_record import RecordOrigin
from medmat_explorer.store.layout import ReleaseFile
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


SHAPE = f"(?:{_shape(':')}|{_shape('[.]')})"
PATH_SHAPE = r"[^/\\:~\x00-\x20\x7f][^/\\:\x00-\x1f\x7f]*(?:/[^/\\:\x00-\x1f\x7f]+)*"

READ = f"""
WITH written AS (
    SELECT id AS id_json, "data-no"->>'$' AS data_no, caption->>'$' AS caption, image->>'$' AS image,
        Question->>'$' AS question, Answer->>'$' AS answer, "Question-choice"->>'$' AS choice,
        "Answer-choice"->>'$' AS letter,
        {" AND ".join(f'"{key}"::VARCHAR ^@ chr(34)' for key in KEYS if key != "id")} AS texts
    FROM read_json($path, format = 'array', columns = {{{", ".join(f"'{key}': 'JSON'" for key in KEYS)}}},
        maximum_object_size = {LONGEST_RECORD})
), parted AS (
    SELECT *, string_split(substr(choice, length(question) + 2), chr(10)) AS lines,
        ascii(letter) - 64 AS place
    FROM written
), shaped AS (
    SELECT *, starts_with(lines[-1], '{INSTRUCTION}') AS instructed,
        list_transform(CASE WHEN instructed THEN lines[:-2] ELSE lines END, lambda line: line[4:]) AS options
    FROM parted
), judged AS (
    SELECT *, coalesce(texts
        AND regexp_full_match(id_json, '-?(?:0|[1-9][0-9]{{0,17}})')
        AND starts_with(choice, question || chr(10))
        AND regexp_full_match(question, '{LINE}(?:\n{LINE})*')
        AND regexp_full_match(substr(choice, length(question) + 2), $shape)
        AND regexp_full_match(letter, '[A-Z]') AND options[place] = answer
        AND regexp_full_match(image, $path_shape) AND length(image) <= 1000
        AND NOT contains(image, '/.') AND NOT starts_with(image, '.') AND NOT ends_with(image, ' ')
        AND NOT regexp_matches(caption, '[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f]')
        AND list_contains($datasets, data_no), false) AS accepted
    FROM shaped
)
SELECT $file_no, $split, accepted,
    (hash_low >> 1)::BIGINT, hash_high, id_json, (md5_number_lower(image) >> 1)::BIGINT, image, question, options,
    lines[1][2], CASE WHEN instructed THEN lines[-1] ELSE '' END, NULL, letter, labels, caption, data_no, []
FROM (
    SELECT *, md5_number_lower(content) AS hash_low, md5_number_upper(content) AS hash_high
    FROM (
        SELECT *, concat_ws(chr(31), $subset, image, question, array_to_string(options, chr(30)), letter) AS content,
            CASE WHEN $multi_label THEN list_sort(list_distinct(list_filter(list_transform(
                string_split(answer, ','), lambda part: trim(part, E' \\t\\n\\r\\f')), lambda part: part <> '')))
            ELSE [answer] END AS labels
        FROM judged
    )
)
"""


class FastPathRefusedError(Exception):
    """DuckDB cannot read the file; it is left to the tolerant reader. Never leaves the store."""


def stage_well_formed(
    connection: duckdb.DuckDBPyConnection, file: ReleaseFile, file_no: int, origin: RecordOrigin
) -> list[int]:
    """Stages a file's records and returns the ordinals of those that the reference reader has to look at.

    Raises FastPathRefusedError when DuckDB refuses the file; nothing of it is staged then.
    """
    if any(sign in str(file.path) for sign in "*?[]{}") or not file.size:
        raise FastPathRefusedError(file.path.name)
    before = _staged(connection)
    datasets = [origin.dataset] if origin.dataset else sorted(origin.known_datasets)
    parameters = {
        "path": str(file.path),
        "shape": SHAPE,
        "path_shape": PATH_SHAPE,
        "file_no": file_no,
        "split": file.split.value,
        "subset": origin.subset,
        "multi_label": origin.multi_label,
        "datasets": datasets,
    }
    try:
        connection.execute(f"INSERT INTO staged {READ}", parameters)
    except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as error:
        raise FastPathRefusedError(file.path.name) from error
    rest = connection.execute(
        "SELECT rowid - $before FROM staged WHERE rowid >= $before AND NOT accepted ORDER BY rowid", {"before": before}
    )
    return [int(row[0]) for row in rest.fetchall()]


def _staged(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute("SELECT count(*) FROM staged").fetchone()
    return int(found[0]) if found else 0



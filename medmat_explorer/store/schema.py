"""The tables of a catalog, and of the staging that fills it."""


def word_range(step: int) -> str:
    """How the number of words of a question reads as a facet's value; in steps of five, the last one open."""
    return "25 or more" if step >= 5 else f"{max(1, step * 5)} to {step * 5 + 4}"


ITEM_COLUMNS = {
    "id": "BIGINT",
    "cell": "UBIGINT",
    "subset": "VARCHAR",
    "split": "VARCHAR",
    "split_is_ours": "BOOLEAN",
    "dataset": "VARCHAR",
    "image_id": "BIGINT",
    "image": "VARCHAR",
    "question": "VARCHAR",
    "options": "VARCHAR[]",
    "separator": "VARCHAR",
    "instruction": "VARCHAR",
    "question_choice": "VARCHAR",
    "letter": "VARCHAR",
    "labels": "VARCHAR[]",
    "caption": "VARCHAR",
    "repairs": "VARCHAR[]",
}
"""Rows lie in the order of subsets; `rowid` is an item's place in the whole. `question_choice` is NULL where it
follows from question, separator, options and instruction. `cell` names the row of `cube` that counts the item."""

WORDS = "len(trim(question)) - len(replace(trim(question), ' ', '')) + 1"
CELL_IN = f"hash(subset, {{split}}, dataset, letter, labels, len(options), ({WORDS}) // 5)"
CELL = CELL_IN.format(split="split")
"""The same for all items that no facet of the cube tells apart."""

READ_COLUMNS = {
    "id": "BIGINT",
    "hash": "UHUGEINT",
    "source_id": "VARCHAR",
    "image_id": "BIGINT",
    "image": "VARCHAR",
    "question": "VARCHAR",
    "options": "VARCHAR[]",
    "separator": "VARCHAR",
    "instruction": "VARCHAR",
    "question_choice": "VARCHAR",
    "letter": "VARCHAR",
    "labels": "VARCHAR[]",
    "caption": "VARCHAR",
    "dataset": "VARCHAR",
    "repairs": "VARCHAR[]",
}
"""What reading a record gives; both ways of reading fill these."""

STAGED_COLUMNS = {"place": "BIGINT", "file_no": "INTEGER", "split": "VARCHAR", "accepted": "BOOLEAN", **READ_COLUMNS}
"""`place` is the file's running number and the record's ordinal in it, in one. It is written down because rows that
several threads insert do not always come to lie in the order in which they were read."""

FILE_SPAN = 1 << 36
"""Places that each file has for its records."""

SUBSET_COLUMNS = {
    "number": "VARCHAR",
    "position": "INTEGER",
    "modality": "VARCHAR",
    "area": "VARCHAR",
    "task": "VARCHAR",
    "published_task": "VARCHAR",
    "task_group": "VARCHAR",
    "kind": "VARCHAR",
    "multi_label": "BOOLEAN",
    "distribution": "VARCHAR",
    "task_confidence": "VARCHAR",
    "task_note": "VARCHAR",
    "dataset_numbers": "VARCHAR[]",
}

DATASET_COLUMNS = {
    "number": "VARCHAR",
    "name": "VARCHAR",
    "modality": "VARCHAR",
    "area": "VARCHAR",
    "description": "VARCHAR",
    "published_qa": "BOOLEAN",
    "url": "VARCHAR",
    "citation": "VARCHAR",
}

CUBE = f"""
CREATE TABLE cube AS
SELECT c.cell, s.modality, s.area, s.task, s.published_task, c.* EXCLUDE (cell) FROM (
    SELECT cell, any_value(subset) AS subset, any_value(dataset) AS dataset, any_value(split) AS split,
        any_value(labels) AS labels, any_value(len(options))::VARCHAR AS options, any_value(letter) AS letter,
        any_value(CASE least(({WORDS}) // 5, 5) {" ".join(f"WHEN {i} THEN '{word_range(i)}'" for i in range(6))} END)
            AS words, count(*) AS items
    FROM items GROUP BY cell
) c JOIN subsets s ON s.number = c.subset
"""
"""Items counted by all facets at once: facet counts are sums over these few rows, and a filter picks cells."""

CUBE_COLUMNS = (
    "cell", "modality", "area", "task", "published_task", "subset", "dataset", "split", "labels", "options", "letter",
    "words", "items",
)  # fmt: skip


def create_table(name: str, columns: dict[str, str], *, temporary: bool = False) -> str:
    """The statement that makes a table."""
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    return f"CREATE {'TEMP ' if temporary else ''}TABLE {name} ({listed})"


def json_columns(columns: dict[str, str]) -> str:
    """The `columns` argument of read_json."""
    return "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items()) + "}"

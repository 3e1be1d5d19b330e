"""The tables of a catalog, and of the staging that fills it."""

ITEM_COLUMNS = {
    "id": "BIGINT",
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
follows from question, separator, options and instruction."""

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

CUBE = """
CREATE TABLE cube AS
SELECT s.modality, s.area, s.task, i.subset, i.split, i.labels, count(*) AS items
FROM items i JOIN subsets s ON s.number = i.subset
GROUP BY ALL
"""
"""Items counted by all facets at once: facet counts are sums over these few rows."""


def create_table(name: str, columns: dict[str, str], *, temporary: bool = False) -> str:
    """The statement that makes a table."""
    listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    return f"CREATE {'TEMP ' if temporary else ''}TABLE {name} ({listed})"


def json_columns(columns: dict[str, str]) -> str:
    """The `columns` argument of read_json."""
    return "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items()) + "}"

"""What is odd about questions and their right labels, found without looking at a picture.

Each finding has the ids of its items. Labels are compared by `spelling_key`, so that `Covid-19` and `COVID 19` do not
contradict each other; that they are written in two ways is a finding of its own.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.subset import subset_order
from medmat_explorer.store.duplicates import prepare_pictures
from medmat_explorer.store.spelling import spelling_key, words_of
from medmat_explorer.store.versions import find_version

Ids = npt.NDArray[np.int64]
ALIKE_LETTERS = 0.88
"""Two letters swapped in a word of nine reach this; `hypo-` and `hyperthyroid` do not."""

SHORTEST_MISSPELT = 6
MOST_WORDINGS = 400
"""Question forms listed with their majority, the most frequent first."""

FORM = "hash(question, options, letter, labels)"
FORMS = f"""
CREATE TEMP TABLE forms AS
SELECT form, question, options, labels, right_one, {words_of("question")} AS words,
    {spelling_key("right_one")} AS right_key,
    list_transform(options, lambda o: {spelling_key("o")}) AS option_keys,
    list_transform(labels, lambda o: {spelling_key("o")}) AS label_keys,
    list_transform(options, lambda o: {words_of("o")}) AS option_words
FROM (
    SELECT {FORM} AS form, any_value(question) AS question, any_value(options) AS options, any_value(labels) AS labels,
        any_value(options[ascii(letter) - 64]) AS right_one
    FROM release.items GROUP BY form
)
"""
OF_FORMS = f"SELECT id FROM release.items WHERE {FORM} IN (SELECT form FROM forms WHERE {{condition}})"
NO_RIGHT_OPTION = f"""NOT list_contains(label_keys, right_key) AND list_sort(list_distinct(label_keys)) <>
    list_sort(list_distinct(list_transform(string_split(right_one, ','), lambda o: {spelling_key("o")})))"""
"""The option of the right letter is neither a right label nor all of them with commas between."""

SAME_OPTION_TWICE = "len(list_distinct(option_keys)) < len(option_keys)"
GIVEN_AWAY = f"""len(right_one) > 2 AND contains(words, {words_of("right_one")})
    AND len(list_filter(option_words, lambda o: trim(o) <> '' AND contains(words, o))) = 1
    AND words IN (SELECT words FROM forms GROUP BY words HAVING count(DISTINCT right_key) = 1)"""
"""The right option stands in the question and no other does (`benign or malignant?` gives nothing away), and the same
question is never asked where another answer is right."""

JUDGED = f"""
CREATE OR REPLACE TEMP TABLE judged AS
WITH keys AS (
    SELECT labels, hash(list_sort(list_distinct(list_transform(labels, lambda o: {spelling_key("o")})))) AS verdict
    FROM (SELECT DISTINCT labels FROM release.items)
), asked AS (
    SELECT question, hash({words_of("question")}) AS words FROM (SELECT DISTINCT question FROM release.items)
)
SELECT id, content, subset, words, verdict FROM release.items JOIN pictures USING (image_id) JOIN keys USING (labels)
JOIN asked USING (question)
"""
CONTESTED = """
CREATE OR REPLACE TEMP TABLE contested AS
SELECT * FROM judged WHERE content IN (
    SELECT content FROM judged GROUP BY content, subset HAVING min(verdict) <> max(verdict)
)
"""
SAME_QUESTION = """SELECT id FROM contested WHERE (content, subset, words) IN (
    SELECT (content, subset, words) FROM contested GROUP BY content, subset, words HAVING min(verdict) <> max(verdict)
)"""
OTHER_WORDING = f"""SELECT id FROM contested WHERE (content, subset) IN (
    SELECT (content, subset) FROM contested GROUP BY content, subset HAVING min(verdict) <> max(verdict)
) AND id NOT IN ({SAME_QUESTION})"""
CONFLICTS = f"SELECT count(DISTINCT content) FROM contested WHERE id IN ({SAME_QUESTION})"
SPELLINGS = """
SELECT subset, place, list(text ORDER BY items DESC, text), list(items ORDER BY items DESC, text), key FROM (
    SELECT subset, place, text, items, {key} AS key FROM (
        SELECT subset, 'label' AS place, text, count(*) AS items
        FROM (SELECT subset, unnest(labels) AS text FROM release.items) GROUP BY ALL
        UNION ALL SELECT subset, 'caption', caption, count(*) FROM release.items WHERE caption <> '' GROUP BY ALL
    )
) GROUP BY subset, place, key HAVING count(*) > 1 ORDER BY ALL
"""
LABELS = """
SELECT subset, list(label ORDER BY label) FROM (SELECT DISTINCT subset, unnest(labels) AS label FROM release.items)
GROUP BY subset
"""
MAJORITY = """
SELECT subset, {form} AS form, sum(items)::BIGINT AS n, arg_max(label, items), max(items) FROM (
    SELECT subset, {form}, list_sort(labels)::VARCHAR AS label_id, array_to_string(any_value(labels), ', ') AS label,
        count(*) AS items
    FROM release.items GROUP BY subset, {form}, label_id
) GROUP BY subset, form ORDER BY n DESC, subset, form LIMIT {most}
"""
LETTERS = """
SELECT len(options) AS options, letter, count(*) FROM release.items GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, eq=False)
class Finding:
    """Items that something is odd about; `kind` is a short stable word."""

    kind: str
    ids: Ids


@dataclass(frozen=True)
class Spellings:
    """Texts of one subset that differ in spelling only, the most frequent first, with their items.

    `place` is `label` or `caption`. `sure` is False for labels that are merely a letter or two apart.
    """

    subset: str
    place: str
    texts: tuple[str, ...]
    items: tuple[int, ...]
    sure: bool = True


@dataclass(frozen=True)
class Majority:
    """The most frequent right label among `n` items of a subset that are asked `form`, or all of it where empty."""

    subset: str
    form: str
    n: int
    label: str
    items: int

    @property
    def share(self) -> float:
        """What always giving this label would reach."""
        return self.items / self.n


@dataclass(frozen=True)
class LetterCounts:
    """How often each letter is right among the questions with so many options."""

    options: int
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        """All these questions."""
        return sum(self.counts)


@dataclass(frozen=True, eq=False)
class LabelQuality:
    """All that was found."""

    findings: tuple[Finding, ...]
    spellings: tuple[Spellings, ...]
    majorities: tuple[Majority, ...]
    wordings: tuple[Majority, ...]
    letters: tuple[LetterCounts, ...]


def label_quality(name: str, home: Path) -> LabelQuality:
    """Looks through all questions of a collection. Raises UnknownNameError, and CollectionError for a damaged one."""
    version = find_version(name, home)
    with duckdb.connect(":memory:", config={"memory_limit": "1GB"}) as connection:
        prepare_pictures(connection, version)
        connection.execute(FORMS)
        connection.execute(JUDGED)
        connection.execute(CONTESTED)
        queries = {
            "same question, other label": SAME_QUESTION,
            "other wording, other label": OTHER_WORDING,
            "right answer is no option": OF_FORMS.format(condition=NO_RIGHT_OPTION),
            "option twice": OF_FORMS.format(condition=SAME_OPTION_TWICE),
            "question gives the answer away": OF_FORMS.format(condition=GIVEN_AWAY),
        }
        return LabelQuality(
            findings=tuple(Finding(kind, _ids(connection, query)) for kind, query in queries.items()),
            spellings=(*_spellings(connection), *_misspelt(connection)),
            majorities=_majorities(connection, "''"),
            wordings=_majorities(connection, "question"),
            letters=_letters(connection),
        )


def count_conflicts(connection: duckdb.DuckDBPyConnection) -> int:
    """Pictures asked the same question with different right labels; needs what `prepare_pictures` makes."""
    connection.execute(JUDGED)
    connection.execute(CONTESTED)
    found = connection.execute(CONFLICTS).fetchone()
    return int(found[0]) if found else 0


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> Ids:
    return np.asarray(connection.execute(f"SELECT DISTINCT id FROM ({query})").fetchnumpy()["id"], dtype=np.int64)


def _spellings(connection: duckdb.DuckDBPyConnection) -> tuple[Spellings, ...]:
    rows = connection.execute(SPELLINGS.format(key=spelling_key("text"))).fetchall()
    return tuple(
        Spellings(subset, place, tuple(texts), tuple(items))
        for subset, place, texts, items, _ in sorted(rows, key=lambda row: (subset_order(row[0]), row[1], row[4]))
    )


def _misspelt(connection: duckdb.DuckDBPyConnection) -> tuple[Spellings, ...]:
    """Labels of a subset that are so alike that one may be a misspelling of the other."""
    found = []
    for subset, labels in connection.execute(LABELS).fetchall():
        for first, second in combinations(labels, 2):
            if may_be_misspelt(first, second):
                items = tuple(_items_with(connection, subset, label) for label in (first, second))
                found.append(Spellings(subset, "label", (first, second), items, sure=False))
    return tuple(sorted(found, key=lambda group: (subset_order(group.subset), group.texts)))


def may_be_misspelt(first: str, second: str) -> bool:
    """Whether two labels are long and nearly the same letter by letter, numbers and single letters being equal."""
    one, two = first.casefold().split(), second.casefold().split()
    changed = [(a, b) for a, b in zip(one, two, strict=False) if a != b]
    if len(one) != len(two) or len(changed) != 1:
        return False
    a, b = changed[0]
    if min(len(a), len(b)) < SHORTEST_MISSPELT or a.rstrip("s") == b.rstrip("s"):
        return False
    digits = ["".join(filter(str.isdigit, word)) for word in (a, b)]
    return digits[0] == digits[1] and SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE_LETTERS


def _items_with(connection: duckdb.DuckDBPyConnection, subset: str, label: str) -> int:
    query = "SELECT count(*) FROM release.items WHERE subset = $subset AND list_contains(labels, $label)"
    found = connection.execute(query, {"subset": subset, "label": label}).fetchone()
    return int(found[0]) if found else 0


def _majorities(connection: duckdb.DuckDBPyConnection, form: str) -> tuple[Majority, ...]:
    rows = connection.execute(MAJORITY.format(form=form, most=MOST_WORDINGS)).fetchall()
    return tuple(sorted((Majority(*row) for row in rows), key=lambda m: (subset_order(m.subset), -m.n, m.form)))


def _letters(connection: duckdb.DuckDBPyConnection) -> tuple[LetterCounts, ...]:
    counts: dict[int, dict[str, int]] = {}
    for options, letter, items in connection.execute(LETTERS).fetchall():
        counts.setdefault(options, {})[letter] = items
    return tuple(
        LetterCounts(options, tuple(found.get(chr(65 + i), 0) for i in range(options)))
        for options, found in counts.items()
    )

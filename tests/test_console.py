"""The SQL console: what it answers, and that neither a clever nor a greedy statement gets past it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medmat_explorer.errors import QueryError
from medmat_explorer.store.console import AT_ONCE, Limits, run_query
from medmat_explorer.store.console_process import SETTINGS, _config
from medmat_explorer.store.console_rules import checked_statement
from medmat_explorer.store.console_tables import TABLES, ConsoleSources, make_tables
from medmat_explorer.store.console_values import json_value
from medmat_explorer.store.versions import Version, find_version
from medmat_explorer.store.workspace import Workspace
from tests.conftest import ROOT
from tests.test_console_attacks import ATTACKS

NAMES = {table.name for table in TABLES}
SMALL = Limits(seconds=1.0, memory_mb=128, threads=1)

MORE_ATTACKS = [
    "MERGE INTO items USING subsets ON true WHEN MATCHED THEN DELETE",
    "CREATE OR REPLACE VIEW items AS SELECT 1",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE TYPE mood AS ENUM ('a')",
    "CREATE SECRET s (TYPE s3)",
    "PRAGMA enable_profiling",
    "CALL checkpoint('release')",
    "EXPLAIN ANALYZE COPY items TO '/tmp/stolen.csv'",
    "/* a */ EXPLAIN -- b\n ANALYZE DELETE FROM items",
    "SELECT * FROM items, LATERAL (SELECT * FROM glob(image)) g",
    "SELECT * FROM items ORDER BY (SELECT count(*) FROM glob('/*'))",
    "SELECT sum(1) OVER (PARTITION BY (SELECT count(*) FROM glob('/*'))) FROM items",
    "SELECT list_transform([1], lambda x: (SELECT count(*) FROM glob('/*')))",
    "VALUES ((SELECT count(*) FROM glob('/*')))",
    "DESCRIBE '/etc/passwd.csv'",
    "FROM (DESCRIBE FROM '/etc/passwd.csv')",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM duckdb_external_file_cache()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM pg_database",
    "SELECT * FROM cube",
    "SELECT items.getenv()",
    "WITH duckdb_databases AS (SELECT 1) SELECT path FROM (SELECT 1), duckdb_databases",
    "SELECT (WITH duckdb_databases AS (SELECT 1) SELECT 1), path FROM duckdb_databases",
    "SELECT json_serialize_plan('SELECT * FROM items')",
    "SELECT * FROM checkpoint('release')",
    "SELECT * FROM enable_profiling()",
    "SELECT * FROM register_external_resource('x', 'y')",
    "SELECT setseed(0.5)",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM python_map_function(1)",
    "SELECT * FROM secret_frame",
    "SELECT * FROM seq_scan('items')",
    "SELECT pg_get_viewdef(1)",
    "SELECT * FROM items AT (VERSION => 1)",
]
"""Beside those of test_console_attacks.py."""

GREEDY = [
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5",
    "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t",
    "WITH RECURSIVE t(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM t) SELECT max(length(x)) FROM t",
    "SELECT repeat('x', 2000000000)",
    "SELECT lpad('x', 2000000000, 'y')",
    "SELECT len(range(1000000000))",
    "SELECT list(range) FROM range(1000000000)",
    "SELECT string_agg(repeat('x', 1000), '') FROM range(100000000)",
    "SELECT list_resize([1], 2000000000)",
    "SELECT string_split(repeat('a,', 100000000), ',')",
    "SELECT regexp_extract_all(repeat('a', 100000000), 'a')",
    "SELECT levenshtein(repeat('ab', 100000), repeat('ba', 100000))",
    "SELECT unnest(range(1000000000))",
    "SELECT * FROM range(100000000) ORDER BY hash(range)",
]


@pytest.fixture(scope="module")
def version(phantoms_home: Path) -> Version:
    return find_version("phantoms", phantoms_home)


def rows(version: Version, sql: str) -> list[list[Any]]:
    return run_query(version, sql).rows


# -- what it answers ---------------------------------------------------------------------------------------------------


def test_a_statement_is_answered_as_by_plain_sql(version: Version) -> None:
    found = run_query(version, "SELECT subset, count(*) AS n FROM items WHERE split = 'test' GROUP BY 1 ORDER BY 1")
    with duckdb.connect(str(version.catalog), read_only=True) as connection:
        plain = connection.execute("SELECT subset, count(*) FROM items WHERE split = 'test' GROUP BY 1 ORDER BY 1")
        assert [tuple(row) for row in found.rows] == plain.fetchall()
    assert (found.columns, found.types, found.truncated) == (("subset", "n"), ("VARCHAR", "BIGINT"), False)
    assert 0 < found.seconds < 10


def test_every_table_has_the_columns_that_the_schema_browser_names(version: Version) -> None:
    assert {row[0] for row in rows(version, "SHOW TABLES")} == NAMES
    for table in TABLES:
        described = [(row[0], row[1]) for row in rows(version, f"DESCRIBE {table.name}")]
        assert described == [(column.name, column.type) for column in table.columns]


def test_a_key_names_the_item_that_it_names_in_links(version: Version) -> None:
    ((key, number, answer, option),) = rows(
        version, "SELECT key, id, answer, options[ascii(letter) - ascii('A') + 1] FROM items LIMIT 1"
    )
    assert int(key, 16) == number
    assert answer == option


def test_images_and_tags_can_be_joined(phantoms_home: Path, version: Version) -> None:
    states = "SELECT state, count(*) FROM items JOIN images USING (image_id) GROUP BY 1"
    assert rows(version, states) == [["ok", 360]]
    ids = [row[0] for row in rows(version, "SELECT id FROM items LIMIT 3")]
    workspace = Workspace(phantoms_home, "phantoms")
    workspace.add_tag("odd 'one'", ids)
    try:
        assert rows(version, "SELECT tag, count(*) FROM tags JOIN items USING (id) GROUP BY 1") == [["odd 'one'", 3]]
    finally:
        workspace.drop_tag("odd 'one'")


def test_extra_tables_are_loaded_before_files_are_out_of_reach(version: Version, tmp_path: Path) -> None:
    file = tmp_path / "it's.parquet"
    quoted = str(file).replace("'", "''")
    duckdb.execute(f"COPY (SELECT 7 AS n) TO '{quoted}' (FORMAT parquet)")
    assert run_query(version, "SELECT n FROM answers", extra={"answers": [file]}).rows == [[7]]


def test_rows_and_cells_have_a_limit_and_the_reader_is_told(version: Version) -> None:
    many = run_query(version, "SELECT * FROM range(1000000000000)")
    assert (len(many.rows), many.truncated, many.rows[-1]) == (1_000, True, [999])
    exact = run_query(version, "SELECT * FROM range(1000)")
    assert (len(exact.rows), exact.truncated) == (1_000, False)
    cut = run_query(version, "SELECT repeat('é', 1000000), range(100000)", Limits(cell=100)).rows[0]
    assert cut == ["é" * 99 + "…", [*range(10), "…"]]
    heavy = run_query(version, "SELECT repeat('x', 5000) FROM range(100000)", Limits(rows=100_000))
    assert heavy.truncated
    assert len(json.dumps(heavy.rows)) < 10_000_000


def test_values_are_what_json_can_say(version: Version) -> None:
    found = rows(
        version,
        "SELECT DATE '2024-02-29', TIMESTAMP '2024-02-29 12:30:00', 0.25::DECIMAL(4, 2), 'nan'::DOUBLE, 1e400, "
        "'\\xAA'::BLOB, 170141183460469231731687303715884105727::HUGEINT, {'a': [1, NULL], 'b': 'x'}, MAP {2: 'y'}, "
        "NULL, true, 12345678901234567890.12::DECIMAL(38, 2)",
    )
    assert found == [
        [
            "2024-02-29",
            "2024-02-29T12:30:00",
            0.25,
            None,
            None,
            "aa",
            2**127 - 1,
            {"a": [1, None], "b": "x"},
            {"2": "y"},
            None,
            True,
            "12345678901234567890.12",
        ]
    ]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.decimals(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
        max_leaves=20,
    )
)
def test_any_value_becomes_json_that_reads_back_the_same(value: Any) -> None:
    said = json_value(value, 1_000)
    assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_small_decimals_are_numbers_and_dates_are_text() -> None:
    assert json_value(Decimal("0.1"), 100) == 0.1
    assert json_value(Decimal("NaN"), 100) == "NaN"
    assert json_value(date(2024, 1, 2), 100) == "2024-01-02"


@pytest.mark.parametrize(
    "sql",
    [
        "-- a comment; with a semicolon\nSELECT ';' FROM items LIMIT 1",
        "FROM items LIMIT 1",
        "VALUES (1)",
        "TABLE subsets",
        "WITH x AS (SELECT 1 AS n) SELECT n FROM x",
        "SELECT * FROM (PIVOT items ON split IN ('train', 'test') USING count(*) GROUP BY subset)",
        "SELECT unnest(options) FROM items LIMIT 3",
        "SELECT o FROM items, unnest(options) t(o) LIMIT 3",
        "SELECT row_number() OVER (ORDER BY id) FROM items QUALIFY row_number() OVER (ORDER BY id) = 1",
        "SELECT [x FOR x IN options IF len(x) > 3] FROM items WHERE id BETWEEN 0 AND 9 OR question ILIKE '%x%' LIMIT 1",
        "SUMMARIZE subsets",
        "EXPLAIN SELECT * FROM items",
        "explain analyze select count(*) from items",
        "SELECT * FROM items USING SAMPLE 3 ROWS",
        "SELECT 'read_csv(''/etc/passwd'')'",
    ],
)
def test_what_only_reads_our_tables_is_let_through(version: Version, sql: str) -> None:
    assert run_query(version, sql).columns


# -- what it refuses ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parser() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


@pytest.mark.parametrize("sql", MORE_ATTACKS)
def test_a_statement_that_does_anything_else_is_refused_with_a_sentence(
    parser: duckdb.DuckDBPyConnection, sql: str
) -> None:
    with pytest.raises(QueryError) as refused:
        checked_statement(parser, sql, NAMES)
    assert str(refused.value).strip()


@pytest.mark.parametrize("sql", [ATTACKS[0], ATTACKS[-2], *MORE_ATTACKS[:2], MORE_ATTACKS[-4], "SELECT no FROM items"])
def test_a_refusal_reaches_the_reader_without_any_path(version: Version, phantoms_home: Path, sql: str) -> None:
    with pytest.raises(QueryError) as refused:
        run_query(version, sql)
    assert str(phantoms_home) not in str(refused.value)
    assert version.stamp not in str(refused.value)


def locked_connection(version: Version) -> duckdb.DuckDBPyConnection:
    """What a statement would run on, had it got past the rules."""
    connection = duckdb.connect(":memory:", config=_config({"memory_mb": 256, "threads": 1}))
    make_tables(connection, ConsoleSources.of(version).as_json(), "images tags")
    for setting in SETTINGS:
        connection.execute(setting)
    return connection


def test_behind_the_rules_the_connection_reads_no_file_and_writes_nothing(version: Version, tmp_path: Path) -> None:
    secret_frame = {"n": [1]}  # a variable that DuckDB would find by its name
    assert secret_frame
    readable = tmp_path / "secret.csv"
    readable.write_text("secret\nhunter2\n")
    before = version.catalog.read_bytes()
    for statements in (ATTACKS, MORE_ATTACKS):
        with locked_connection(version) as connection:
            for sql in statements:
                aimed = sql.replace("/etc/passwd", str(readable)).replace("/tmp/", f"{tmp_path}/")
                try:
                    found = str(connection.execute(aimed).fetchmany(10))
                except Exception as error:
                    found = str(error)
                assert "hunter2" not in found, sql
                assert "'n': 1" not in found, sql
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert version.catalog.read_bytes() == before


def test_settings_cannot_be_changed_and_our_variables_cannot_be_read(version: Version) -> None:
    secret_frame = pd.DataFrame({"n": [1]})
    assert len(secret_frame) == 1
    with locked_connection(version) as connection:
        for sql in ("SET enable_external_access = true", "SET memory_limit = '9GB'", "SET lock_configuration = false"):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)
        with pytest.raises(duckdb.Error):
            connection.execute("SELECT * FROM secret_frame")


def test_the_environment_does_not_reach_the_statement(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "hunter2")
    monkeypatch.setenv("DUCKDB_HOME", "/hunter2")
    with pytest.raises(QueryError):
        run_query(version, "SELECT getenv('SECRET_OF_THE_SERVER')")


@pytest.mark.parametrize("depth", [2_000, 9_000])
def test_deep_and_long_statements_get_a_sentence(version: Version, depth: int) -> None:
    for sql in (
        "SELECT " + "(" * depth + "1" + ")" * depth,
        "SELECT " + "NOT " * (depth // 2) + "true",
        "SELECT " + "[" * depth + "]" * depth,
        "SELECT 1" + " UNION ALL SELECT 1" * (depth // 10),
        "SELECT '" + "x" * 30_000 + "'",
    ):
        try:
            run_query(version, sql, SMALL)
        except QueryError as error:
            assert str(error)


# -- what it withstands ------------------------------------------------------------------------------------------------


def console_processes() -> list[psutil.Process]:
    found = []
    for child in psutil.Process(os.getpid()).children(recursive=True):
        try:
            if "console_process" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def most_memory(stop: threading.Event, seen: list[int]) -> None:
    while not stop.wait(0.02):
        for child in console_processes():
            try:
                seen.append(child.memory_info().rss)
            except psutil.Error:
                continue


def is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


@pytest.mark.parametrize("sql", GREEDY)
def test_a_greedy_statement_ends_in_time_and_within_its_memory(version: Version, sql: str) -> None:
    stop, seen = threading.Event(), [0]
    watcher = threading.Thread(target=most_memory, args=(stop, seen))
    watcher.start()
    began = time.monotonic()
    try:
        with pytest.raises(QueryError, match="more than 128 MB|after 1 seconds"):
            run_query(version, sql, SMALL)
    finally:
        took = time.monotonic() - began
        stop.set()
        watcher.join()
    assert took < 8
    assert max(seen) < 550 << 20
    assert console_processes() == []


def test_after_a_greedy_statement_the_next_one_is_answered(version: Version) -> None:
    with pytest.raises(QueryError):
        run_query(version, "SELECT repeat('x', 2000000000)", SMALL)
    assert rows(version, "SELECT 42") == [[42]]


def test_twenty_at_once_run_a_few_at_a_time_and_are_all_answered(version: Version) -> None:
    stop, counts = threading.Event(), [0]

    def count() -> None:
        while not stop.wait(0.02):
            counts.append(sum(map(is_running, console_processes())))

    answers: list[object] = []

    def ask(number: int) -> None:
        answers.append(rows(version, f"SELECT {number}, count(*) FROM items")[0])

    watcher = threading.Thread(target=count)
    watcher.start()
    askers = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    stop.set()
    watcher.join()
    assert sorted(answers, key=str) == sorted(([number, 360] for number in range(20)), key=str)
    assert max(counts) <= AT_ONCE


def test_a_collection_that_is_gone_gets_a_sentence(tmp_path: Path) -> None:
    gone = Version(tmp_path / "home" / "collections" / "gone", "20200101T000000-abcdef", tmp_path)
    with pytest.raises(QueryError, match="Collection 'gone' cannot be opened"):
        run_query(gone, "SELECT 1")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system limits no memory; the watch does")
def test_the_system_holds_the_process_to_its_memory() -> None:
    code = "from medmat_explorer.store.console_process import limit_memory; limit_memory(64 << 20); bytearray(1 << 30)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr

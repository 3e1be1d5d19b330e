"""What hostile statements meet in the SQL console: the rules, and a locked connection behind them."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from medmat_explorer.errors import QueryError
from medmat_explorer.store.console_process import SETTINGS
from medmat_explorer.store.console_rules import LONGEST, checked_statement
from medmat_explorer.store.console_tables import TABLES, ConsoleSources, make_tables
from medmat_explorer.store.versions import Version, find_version

NAMES = {table.name for table in TABLES}
FILES = (
    "SELECT * FROM '/etc/passwd'",
    "FROM 'secret.parquet'",
    'SELECT * FROM "secret.csv"',
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('/tmp/x.parquet')",
    "SELECT * FROM parquet_scan('/tmp/x.parquet')",
    "SELECT * FROM parquet_metadata('/tmp/x.parquet')",
    "SELECT * FROM parquet_schema('/tmp/x.parquet')",
    "SELECT * FROM read_json('/tmp/x.json')",
    "SELECT * FROM read_json_objects('/tmp/x.json')",
    "SELECT * FROM read_ndjson('/tmp/x.json')",
    "SELECT * FROM read_duckdb('/tmp/x.duckdb')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH a AS (FROM read_text('/etc/passwd')) FROM a",
    "SELECT * FROM items WHERE id IN (SELECT size FROM read_blob('/etc/passwd'))",
    "SELECT * FROM items, LATERAL (FROM read_text('/etc/passwd'))",
    "SELECT 1 UNION ALL SELECT size FROM read_blob('/etc/passwd')",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
    "SUMMARIZE 'secret.parquet'",
    "EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')",
    "WITH \"/etc/passwd\" AS (SELECT 1) SELECT * FROM '/etc/passwd.csv'",
)
MACHINE = (
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_databases",
    "SELECT * FROM system.main.duckdb_databases()",
    "WITH duckdb_databases AS (SELECT * FROM duckdb_databases) SELECT * FROM duckdb_databases",
    "SELECT * FROM (WITH pragma_database_list AS (SELECT 1) FROM pragma_database_list), pragma_database_list",
    "SELECT * FROM duckdb_settings()",
    "SUMMARIZE SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM which_secret('x', 's3')",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM duckdb_logs",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pg_catalog.pg_settings",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM release.items",
    "SELECT * FROM memory.main.duckdb_tables",
    "SELECT current_setting('home_directory')",
    "SELECT CURRENT_SETTING('extension_directory')",
    "SELECT main.current_setting('temp_directory')",
    "SELECT 'temp_directory'.current_setting()",
    "SELECT list_transform(['temp_directory'], lambda x: current_setting(x))",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT pg_sleep(5)",
    "SELECT sleep_ms(5000)",
    "SHOW DATABASES",
    "SHOW ALL TABLES",
    "SHOW temp_directory",
    "PRAGMA database_list",
    "PRAGMA show_tables",
    "CALL pragma_version()",
    "SELECT * FROM pragma_table_info('items')",
    "SELECT * FROM pragma_storage_info('items')",
    "SELECT * FROM query('SELECT * FROM duckdb_databases()')",
    "SELECT * FROM query_table('duckdb_databases')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_databases()'))",
    "SELECT * FROM python_variable",
)
WRITES = (
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "CREATE SEQUENCE s",
    "SELECT nextval('s')",
    "INSERT INTO tags VALUES ('x', 1)",
    "UPDATE tags SET id = 1",
    "DELETE FROM tags",
    "DROP TABLE tags",
    "TRUNCATE tags",
    "ALTER TABLE tags ADD COLUMN x INTEGER",
    "WITH x AS (INSERT INTO tags VALUES ('x', 1) RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM tags RETURNING *) SELECT * FROM x",
    "EXPLAIN ANALYZE INSERT INTO tags VALUES ('x', 1)",
    "EXPLAIN ANALYZE DROP TABLE tags",
    "/* SELECT */ DROP VIEW items",
    "COPY items TO '/tmp/stolen.csv'",
    "COPY tags FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/stolen'",
    "IMPORT DATABASE '/tmp/stolen'",
    "ATTACH ':memory:' AS other",
    "ATTACH '/tmp/other.duckdb'",
    "DETACH release",
    "USE release",
    "SET threads = 64",
    "SET enable_external_access = true",
    "SET memory_limit = '64GB'",
    "RESET memory_limit",
    "PRAGMA memory_limit = '64GB'",
    "SET VARIABLE x = 1",
    "LOAD json",
    "INSTALL httpfs",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "PREPARE x AS SELECT 1",
    "EXECUTE x",
    "SELECT write_log('x')",
    "SELECT * FROM enable_logging('QueryLog')",
    "SELECT * FROM force_checkpoint()",
    "PIVOT items ON split USING count(*)",
)
NOT_ONE = (
    "",
    ";",
    "-- nothing",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE tags",
    "SELECT 1 /* ; */; ATTACH ':memory:' AS b; --",
    "SELECT $1",
    "SELECT ?",
    "SELECT * FROM items WHERE",
    "SELECT 'open",
    "x" * (LONGEST + 1),
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
)
ATTACKS = (*FILES, *MACHINE, *WRITES, *NOT_ONE)


@pytest.fixture(scope="module")
def version(phantoms_home: Path) -> Version:
    return find_version("phantoms", phantoms_home)


@pytest.fixture
def behind_the_rules(version: Version) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection as a statement meets it that had slipped through the rules."""
    settings = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(":memory:", config={**settings, "python_enable_replacements": False}) as connection:
        make_tables(connection, ConsoleSources.of(version).as_json(), "")
        for setting in SETTINGS:
            connection.execute(setting)
        yield connection


def test_there_are_at_least_sixty_different_attacks() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 60


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack[:60])
def test_an_attack_is_refused_in_words_that_name_no_place(
    behind_the_rules: duckdb.DuckDBPyConnection, version: Version, attack: str
) -> None:
    python_variable = [1]  # noqa: F841  (what a replacement scan would find)
    with pytest.raises(QueryError) as refused:
        checked_statement(behind_the_rules, attack, NAMES)
    said = str(refused.value)
    assert said.strip()
    assert str(version.folder) not in said


@pytest.mark.parametrize("attack", FILES)
def test_no_file_is_read_even_behind_the_rules(behind_the_rules: duckdb.DuckDBPyConnection, attack: str) -> None:
    with pytest.raises(duckdb.Error):
        behind_the_rules.execute(attack).fetchall()


def test_nothing_that_was_locked_can_be_opened_again(behind_the_rules: duckdb.DuckDBPyConnection) -> None:
    for attack in (
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '64GB'",
        "ATTACH '/tmp/console-attack.duckdb' AS other",
        "COPY tags TO '/tmp/console-attack.csv'",
        "INSTALL httpfs",
        "INSERT INTO release.items SELECT * FROM release.items",
        "DROP TABLE release.items",
        "CREATE TABLE release.x (a INTEGER)",
    ):
        with pytest.raises(duckdb.Error):
            behind_the_rules.execute(attack).fetchall()
    assert not Path("/tmp/console-attack.duckdb").exists()
    assert not Path("/tmp/console-attack.csv").exists()

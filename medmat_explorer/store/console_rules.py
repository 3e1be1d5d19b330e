"""What the SQL console lets through: one statement that reads our tables and does nothing else.

The statement is taken apart by DuckDB's own parser; whatever is not known to be harmless is refused with a sentence.
This is the first of three walls: behind it stand a connection that can neither read files nor write, and a process of
its own whose memory and time are limited (`console.py`).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from medmat_explorer.errors import QueryError

LONGEST = 20_000
"""Characters of a statement."""

QUERY_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
TABLE_FUNCTIONS = {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"}
TABLE_KINDS = {"SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "PIVOT"}
OTHER_TABLES = {"TABLE_FUNCTION", "BASE_TABLE", "SHOW_REF"}
REFUSED_FUNCTIONS = {
    "current_connection_id", "current_setting", "currval", "getenv", "getvariable", "json_execute_serialized_sql",
    "json_serialize_plan", "nextval", "parse_duckdb_log_message", "query", "query_table", "setseed", "setval",
    "sleep_ms", "stats", "write_log",
}  # fmt: skip
REFUSED_PREFIXES = ("__", "duckdb_", "pg_", "pragma_", "inet_", "has_", "read_", "parquet_", "collate_", "icu_")
HARMLESS = {"pg_typeof", "pg_size_pretty"}
PLAIN_ONLY = "Only a plain SELECT can be run here; name the values of a PIVOT with IN (...)."
BLANK = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)"
EXPLAIN = re.compile(rf"^{BLANK}*explain(?={BLANK}|\()(?:{BLANK}+(?P<analyze>analyze)\b)?", re.IGNORECASE | re.DOTALL)


def checked_statement(connection: duckdb.DuckDBPyConnection, sql: str, tables: set[str]) -> str:
    """The statement to run. Raises QueryError with a sentence for anything but one SELECT or EXPLAIN of our tables.

    `connection` takes the statement apart and runs nothing of it; `tables` are the names that may be read.
    """
    if len(sql) > LONGEST:
        raise QueryError(f"The statement has {len(sql):,} characters; at most {LONGEST:,} are read.")
    if "\0" in sql:
        raise QueryError("The statement holds a character that no statement may hold.")
    kind = _kind(sql)
    if kind == "SELECT":
        _check(_taken_apart(connection, sql), tables)
        return sql
    if kind == "MULTI":
        raise QueryError(PLAIN_ONLY)
    explained = EXPLAIN.match(sql)
    if kind != "EXPLAIN" or explained is None:
        raise QueryError(f"Only SELECT and EXPLAIN can be run here, and this is {_article(kind)} statement.")
    inner = sql[explained.end() :]
    if _kind(inner) != "SELECT":
        raise QueryError("Only EXPLAIN and EXPLAIN ANALYZE of a SELECT can be run here.")
    _check(_taken_apart(connection, inner), tables)
    return f"EXPLAIN {'ANALYZE ' if explained['analyze'] else ''}{inner}"


def _kind(sql: str) -> str:
    """What kind of statement it is. Raises QueryError unless it is exactly one."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    if len(statements) != 1:
        many = "There is no statement here" if not statements else f"These are {len(statements)} statements"
        raise QueryError(f"{many}; write exactly one.")
    if statements[0].named_parameters:
        raise QueryError("Write the values themselves: parameters ($name, ?) have no value here.")
    return str(statements[0].type.name)


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _taken_apart(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    try:
        found = connection.execute("SELECT json_serialize_sql($sql::VARCHAR)", {"sql": sql}).fetchone()
        tree = json.loads(found[0]) if found else {"error": True}
    except (duckdb.Error, ValueError, RecursionError) as error:
        raise QueryError("The statement is nested too deeply to be checked; write it more simply.") from error
    if tree.get("error"):
        said = str(tree.get("error_message", ""))
        if "Only SELECT" in said or not said:
            raise QueryError(PLAIN_ONLY)
        raise QueryError(said)
    return tree["statements"]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every part of the tree, without recursion: a hostile statement is deep."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _check(tree: Any, tables: set[str]) -> None:
    own = {str(entry["key"]).lower() for part in _nodes(tree) for entry in _map_of(part) if "key" in entry}
    for part in _nodes(tree):
        kind = part.get("type")
        if isinstance(kind, str):
            _check_part(kind, part, tables, own)


def _map_of(part: dict[str, Any]) -> list[dict[str, Any]]:
    found = part.get("cte_map")
    return found.get("map", []) if isinstance(found, dict) else []


def _check_part(kind: str, part: dict[str, Any], tables: set[str], own: set[str]) -> None:
    if kind.endswith("_NODE") and kind not in QUERY_NODES:
        raise QueryError("Only reading is possible here: the statement would write.")
    if kind == "BASE_TABLE":
        _check_table(part, tables, own)
    elif kind == "TABLE_FUNCTION":
        _check_table_function(part.get("function") or {})
    elif kind == "SHOW_REF":
        if part.get("query") is None and part.get("table_name") != '"tables"':
            raise QueryError("Only SHOW TABLES, DESCRIBE and SUMMARIZE of our tables can be asked here.")
    elif "sample" in part and "alias" in part and kind not in TABLE_KINDS:
        raise QueryError("The statement reads from something that is not known here.")
    elif "function_name" in part:
        _check_function(str(part["function_name"]).lower())


def _check_table(part: dict[str, Any], tables: set[str], own: set[str]) -> None:
    path = [str(name) for name in part.get("qualified_name", {}).get("path", [])]
    name = str(part.get("table_name", ""))
    is_bare = not part.get("schema_name") and not part.get("catalog_name") and len(path) <= 1
    is_internal = name.lower().startswith(("duckdb_", "pg_", "sqlite_", "pragma_"))
    if part.get("at_clause") or not is_bare or is_internal or name.lower() not in tables | own:
        shown = ".".join(path) or name
        raise QueryError(f"There is no table '{shown}' here; there are {', '.join(sorted(tables))}.")


def _check_table_function(part: dict[str, Any]) -> None:
    name = str(part.get("function_name", "")).lower()
    if name not in TABLE_FUNCTIONS or part.get("schema") or part.get("catalog"):
        raise QueryError(
            f"'{name}' cannot be read from here; functions that can: {', '.join(sorted(TABLE_FUNCTIONS))}."
        )


def _check_function(name: str) -> None:
    if name in HARMLESS:
        return
    if name in REFUSED_FUNCTIONS or name.startswith(REFUSED_PREFIXES):
        raise QueryError(f"The function '{name}' cannot be used here.")

"""The program that runs one statement of the SQL console and ends: `python -m medmat_explorer.store.console_process`.

A process of its own, because DuckDB holds to its memory limit and heeds an interruption only between pieces of work: a
single call of `repeat`, `list_resize` or `levenshtein` takes gigabytes or minutes. Here the system limits the memory,
and whoever started the process ends it when the time is up.

Reads one JSON object from its input: sql, sources, seconds, memory_mb, threads, rows, cell. Writes two lines, each a
JSON object: one when the tables are there, one with the result or with what was wrong.
"""

import json
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import duckdb

from medmat_explorer.errors import QueryError
from medmat_explorer.store.console_rules import checked_statement
from medmat_explorer.store.console_tables import TABLES, make_tables
from medmat_explorer.store.console_values import json_value

BESIDES = 192 << 20
"""Bytes of address space that a query may take besides the memory limit: threads, results on their way out."""

MOST_BYTES = 8 << 20
"""Of a whole result."""

FETCH = 64
ONLY_AS_TEXT = "Times with a zone and intervals are shown only as text: write column::VARCHAR."
SETTINGS = (
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""After the tables are made, in this order: the last lets nothing be changed any more."""


def main() -> None:
    """Takes the one request, answers it, ends."""
    request = json.loads(sys.stdin.buffer.readline())
    with duckdb.connect(":memory:", config=_config(request)) as connection:
        try:
            answer = _answer(connection, request)
        except QueryError as error:
            answer = {"refused": str(error)}
        except MemoryError:
            answer = {"memory": True}
        say(answer)


def say(message: dict[str, Any]) -> None:
    """One line of the answer."""
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def _config(request: dict[str, Any]) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{request['memory_mb']}MB",
        "threads": request["threads"],
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
    }


def _answer(connection: duckdb.DuckDBPyConnection, request: dict[str, Any]) -> dict[str, Any]:
    try:
        make_tables(connection, request["sources"], request["sql"])
        for setting in SETTINGS:
            connection.execute(setting)
    except duckdb.Error as error:
        return {"closed": str(error)}
    tables = {table.name for table in TABLES} | {name.lower() for name in request["sources"]["extra"]}
    statement = checked_statement(connection, request["sql"], tables)
    limit_memory(request["memory_mb"] << 20)
    say({"ready": True})
    return _run(connection, statement, request)


def limit_memory(most: int) -> None:
    """Lets this process take so many bytes more, where the system can hold it to that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm", encoding="ascii") as stream:
            taken = int(stream.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + most + BESIDES, resource.RLIM_INFINITY))


def _run(connection: duckdb.DuckDBPyConnection, statement: str, request: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    timer = threading.Timer(request["seconds"], connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        connection.execute(statement)
        columns = [(str(name), str(kind)) for name, kind, *_ in connection.description or ()]
        if any("INTERVAL" in kind for _, kind in columns):
            return {"refused": ONLY_AS_TEXT}
        rows, truncated = _fetched(connection, request["rows"], request["cell"])
    except duckdb.InterruptException:
        return {"time": True}
    except duckdb.OutOfMemoryException:
        return {"memory": True}
    except duckdb.Error as error:
        return {"refused": ONLY_AS_TEXT if "pytz" in str(error) else str(error)}
    finally:
        timer.cancel()
    return {
        "columns": [name for name, _ in columns],
        "types": [kind for _, kind in columns],
        "rows": rows,
        "truncated": truncated,
        "seconds": time.monotonic() - began,
    }


def _fetched(connection: duckdb.DuckDBPyConnection, most: int, longest: int) -> tuple[list[list[Any]], bool]:
    """The first rows, as many as fit, and whether there are more."""
    rows: list[list[Any]] = []
    size = 0
    while batch := connection.fetchmany(FETCH):
        for row in batch:
            if len(rows) == most or size > MOST_BYTES:
                return rows, True
            rows.append([json_value(value, longest) for value in row])
            size += len(json.dumps(rows[-1]))
    return rows, False


if __name__ == "__main__":
    main()

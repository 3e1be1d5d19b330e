"""Who may import whom. The table below is the house; moving a boundary is a visible change of this file."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = "medmat_explorer"
LEAVES = {"errors", "config"}
PROGRAM = {"serving", "terminal", "collection_import", "default_collection"}
PROGRAM |= {"background_work", "duplicate_search", "embedding_job", "export_job", "map_layout"}
"""Modules beside the packages: what the command line and the pages both start."""

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "config": {"errors"},
    "domain": {"errors"},
    "paper": {"domain"},
    "media": {"domain", "errors"},
    "store": {"domain", "errors", "media"},
    "phantoms": {"domain", "errors"},
    "backbones": {"domain", "errors", "config", "media"},
    "evaluation": {"domain", "errors", "backbones"},
    "experiments": {"domain", "errors", "config", "media", "store", "phantoms", "backbones", "evaluation"},
    "charts": {"domain", "paper", "evaluation"},
    "serving": LEAVES,
    "terminal": {"domain"},
    "background_work": {"errors"},
    "collection_import": {"background_work", "domain", "errors", "paper", "store"},
    "duplicate_search": {"background_work", "store"},
    "export_job": {"background_work", "domain", "store"},
    "embedding_job": {"background_work", "domain", "errors", "backbones", "store"},
    "map_layout": {"errors", "backbones", "store"},
    "own_subsets": {"background_work", "domain", "errors", "paper", "store", "collection_import"},
    "default_collection": {"collection_import", "domain", "phantoms", "store"},
}
EVERYTHING = set(MAY_IMPORT) | {"ui", "commands"}
ONLY_IN: dict[str, set[str]] = {
    "streamlit": {"ui"},
    "duckdb": {"store"},
    "torch": {"backbones", "experiments"},
    "transformers": {"backbones", "experiments"},
    "plotly": {"charts"},
    "altair": {"charts"},
    "typer": {"__main__", "commands"},
}
SLOW = {"torch", "transformers"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
        yield parts[0], path


def imported(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Full names of imported modules, with the statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == PACKAGE:
                yield from ((f"{PACKAGE}.{alias.name}", node) for alias in node.names)
            else:
                yield node.module, node


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def test_every_package_stands_in_the_table() -> None:
    assert {name for name, _ in modules()} - EVERYTHING == {"__init__", "__main__"}


def test_imports_point_inward() -> None:
    outward = [
        f"{path.relative_to(ROOT)}: {name}"
        for home, path in modules()
        if home in MAY_IMPORT
        for name, _ in imported(parsed(path))
        if name.startswith(f"{PACKAGE}.") and name.split(".")[1] not in MAY_IMPORT[home] | {home}
    ]
    assert outward == []


def test_each_library_is_used_only_where_it_belongs() -> None:
    strays = [
        f"{path.relative_to(ROOT)}: {name}"
        for home, path in modules()
        for name, _ in imported(parsed(path))
        if home not in ONLY_IN.get(name.split(".")[0], {home})
    ]
    assert strays == []


def test_torch_and_transformers_are_imported_inside_functions_or_for_types_only() -> None:
    early = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for _, path in modules()
        for node in parsed(path).body
        for name, statement in imported(node)
        if name.split(".")[0] in SLOW and statement is node
    ]
    assert early == []


def test_imports_are_absolute() -> None:
    relative = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for _, path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_the_domain_needs_only_the_standard_library() -> None:
    foreign = {
        name
        for home, path in modules()
        if home in {"domain", "errors"}
        for name, _ in imported(parsed(path))
        if name.split(".")[0] not in sys.stdlib_module_names | {PACKAGE}
    }
    assert foreign == set()


@pytest.mark.parametrize("module", ["ui.router", "__main__", "backbones.worker", "store.catalog"])
def test_importing_does_not_load_torch(module: str) -> None:
    code = f"import sys, importlib.util as u; import {PACKAGE}.{module} as m; print('torch' in sys.modules)"
    if module == "ui.router":  # a script: its imports are what counts
        code = f"import sys; from {PACKAGE}.ui import frame, server; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_modules_and_functions_stay_small() -> None:
    long = []
    for _, path in modules():
        tree = parsed(path)
        if len(path.read_text("utf-8").splitlines()) > 400:
            long.append(f"{path.relative_to(ROOT)} has more than 400 lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > 60:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert long == []


def test_pages_are_thin() -> None:
    thick = [path.name for path in (ROOT / "pages").glob("*.py") if len(path.read_text().splitlines()) >= 120]
    assert thick == []
    assert len((ROOT / "app.py").read_text().splitlines()) < 40


def test_nothing_unpickles_or_runs_code_of_a_model() -> None:
    forbidden = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
    strays = [
        f"{path.relative_to(ROOT)}: {name}"
        for _, path in modules()
        for name, _ in imported(parsed(path))
        if name.split(".")[0] in forbidden
    ]
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for _, path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.keyword)
        and node.arg in {"trust_remote_code", "allow_pickle"}
        and isinstance(node.value, ast.Constant)
        and node.value.value is True
    ]
    assert strays + calls == []

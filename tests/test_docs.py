"""What the documents say exists, exists: paths, commands, settings, make targets, backbones, pages."""

import re
import subprocess
from pathlib import Path

import pytest
import typer.main

from medmat_explorer.__main__ import app
from medmat_explorer.backbones.registry import REGISTRY
from medmat_explorer.config import Settings, variable_name
from medmat_explorer.ui.frame import NOT_CLINICAL, PAGES
from tests.conftest import ROOT

DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
README = (ROOT / "README.md").read_text("utf-8")


def text_of(paths: list[Path]) -> str:
    return "\n".join(path.read_text("utf-8") for path in paths)


def test_paths_in_backticks_exist() -> None:
    shaped = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|txt|cff))`")
    releases = ("med-mat/", "Aggregated_Subsets/", "Original_Medical_Datasets/")
    no_paths = {"subsets.csv", "datasets.csv", "X-ray/Lung/COVID"}  # files of a user's folder, and a triple
    missing = [
        f"{document.name}: {path}"
        for document in DOCUMENTS
        for path in shaped.findall(document.read_text("utf-8"))
        if not path.startswith(releases) and path not in no_paths
        if not any((root / path).exists() for root in (ROOT, ROOT / "medmat_explorer"))
    ]
    assert missing == []


def test_commands_that_are_shown_exist() -> None:
    shown = set(re.findall(r"-m medmat_explorer ([a-z-]+)", text_of(DOCUMENTS)))
    assert shown <= COMMANDS
    assert shown, "the documents show no command at all"


def test_every_command_stands_in_the_readme() -> None:
    missing = {command for command in COMMANDS if not re.search(rf"`{command}\b", README)}
    assert missing == set()


def test_settings_that_are_named_exist_and_all_stand_in_the_readme() -> None:
    known = {variable_name(field) for field in Settings.model_fields}
    named = set(re.findall(r"MEDMAT_[A-Z_]+", text_of(DOCUMENTS)))
    assert named - known == set()
    assert known - set(re.findall(r"MEDMAT_[A-Z_]+", README)) == set()


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", text_of(DOCUMENTS)))
    assert named <= targets
    assert {"run", "test", "bench", "lint", "format", "screenshots"} <= targets


def test_pages_and_backbones_stand_in_the_readme() -> None:
    assert [title for title, _ in PAGES.values() if f"**{title}**" not in README] == []
    assert [ref.id for ref in REGISTRY if f"`{ref.id}`" not in README] == []
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(PAGES)


def test_the_first_screen_of_the_readme_has_what_a_newcomer_needs() -> None:
    first = "\n".join(README.splitlines()[:40])
    assert NOT_CLINICAL in first
    assert "make run" in first
    assert "make test" in first
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", first)
    assert pictures
    assert all((ROOT / picture).exists() for picture in pictures)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.name}: {link}"
        for document in DOCUMENTS
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
        if not (document.parent / link).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_requirements_are_pinned(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines()]
    assert [line for line in lines if line and not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_continuous_integration_runs_make_test() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "\nmake test" in script
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0

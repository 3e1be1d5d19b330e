"""What several test files share: a home of their own, the real sample corpus, the synthetic collection."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from medmat_explorer.config import settings

ROOT = Path(__file__).resolve().parent.parent
MEDMAT_MINI = ROOT.parent / "shared" / "medmat-mini"


def pytest_sessionfinish() -> None:
    """Lets go of the collections that pages opened: DuckDB complains on stderr of any that outlive the interpreter."""
    import streamlit as st

    st.cache_resource.clear()
    gc.collect()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder to keep everything in."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def medmat_mini() -> Path:
    """A small real corpus in Med-MAT's layout, where it lies beside the checkout."""
    if not MEDMAT_MINI.is_dir():
        pytest.skip("the real sample corpus (medmat-mini) does not lie beside this checkout")
    return MEDMAT_MINI


@pytest.fixture(scope="session")
def phantoms_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small synthetic collection named `phantoms`: 15 items a subset, made once."""
    from medmat_explorer.default_collection import make_phantoms

    folder = tmp_path_factory.mktemp("phantoms_home")
    make_phantoms(folder, "phantoms", items=15, seed=0, progress=lambda stage, done, total: None)
    return folder


@pytest.fixture
def use_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Lets a test point MEDMAT_HOME at its own folder: `use_home.setenv("MEDMAT_HOME", ...)` before the app runs."""
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()

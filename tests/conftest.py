"""What several test files share: a home of their own, the real sample corpus, the synthetic collection."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from medmat_explorer.config import settings

if TYPE_CHECKING:
    from medmat_explorer.backbones.encoder_worker import EncoderWorker

ROOT = Path(__file__).resolve().parent.parent
MEDMAT_MINI = ROOT.parent / "shared" / "medmat-mini"

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
"""No example fails for being slow: machines are busy, and speed is shown by benchmarks."""


def pytest_sessionfinish() -> None:
    """Lets go of the collections that pages opened: DuckDB complains on stderr of any that outlive the interpreter."""
    import streamlit as st

    st.cache_resource.clear()
    gc.unfreeze()  # pages froze them with their modules
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


@pytest.fixture(scope="session")
def encoder_process() -> Iterator["EncoderWorker"]:
    """The bundled vision encoder in its process, loaded once: each load imports torch, which takes some seconds."""
    from medmat_explorer.backbones.contract import LoadOptions
    from medmat_explorer.backbones.encoder_ref import BUNDLED, resolve_encoder
    from medmat_explorer.backbones.encoder_worker import EncoderWorker

    worker = EncoderWorker(resolve_encoder(BUNDLED), LoadOptions(device="cpu", threads=1), idle=3600)
    yield worker
    worker.close()


@pytest.fixture
def one_encoder(encoder_process: "EncoderWorker", monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets every run of a test encode in the same process, which goes on when the run ends."""
    from medmat_explorer import embedding_job

    with monkeypatch.context() as kept:
        kept.setattr(encoder_process, "close", lambda: None)
        kept.setattr(embedding_job, "EncoderWorker", lambda ref, options: encoder_process)
        yield


@pytest.fixture
def use_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Lets a test point MEDMAT_HOME at its own folder: `use_home.setenv("MEDMAT_HOME", ...)` before the app runs."""
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()

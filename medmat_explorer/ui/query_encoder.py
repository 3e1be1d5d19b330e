"""The vector of a picture that a reader brings: an encoder's process is started at need and ends when it is idle."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import streamlit as st

from medmat_explorer.backbones.encoder_ref import resolve_encoder
from medmat_explorer.backbones.encoder_worker import EncoderWorker
from medmat_explorer.errors import BackboneError, ImageRefusedError
from medmat_explorer.store.embeddings import EncoderRecord, FloatArray
from medmat_explorer.ui.embedding_panel import load_options

LOAD_SECONDS = 120.0
LOOK_SECONDS = 60.0
FILE = "picture"


@st.cache_resource(show_spinner=False)
def _workers() -> dict[str, EncoderWorker]:
    """At most one process; shared by all sessions."""
    return {}


@st.cache_resource(show_spinner=False)
def _lock() -> threading.Lock:
    return threading.Lock()


@st.cache_data(max_entries=32, show_spinner=False)
def _vector(data: bytes, slug: str, _record: EncoderRecord) -> FloatArray:
    with TemporaryDirectory(prefix="medmat-") as folder:
        (Path(folder) / FILE).write_bytes(data)
        worker = _worker(_record)
        try:
            (seen,) = worker.encode(Path(folder), [FILE]).result(LOOK_SECONDS)
        except TimeoutError:
            worker.close()
            raise BackboneError(f"The encoder did not answer within {LOOK_SECONDS:.0f} seconds: try again.") from None
    if seen.vector is None:
        raise ImageRefusedError(seen.reason, "The picture cannot be opened: choose an image or a DICOM file.")
    return np.asarray(seen.vector, dtype=np.float32)


def vector_of_picture(data: bytes, record: EncoderRecord) -> FloatArray:
    """Of a picture file's bytes, by the encoder of a record. Blocks while the encoder loads.

    Raises BackboneError when the encoder is no longer there, has other weights by now, or takes too long, and
    ImageRefusedError when the picture cannot be opened.
    """
    return _vector(data, record.slug, record)


def _worker(record: EncoderRecord) -> EncoderWorker:
    """The process of that encoder, loaded; one of another encoder ends."""
    ref = resolve_encoder(record.id)
    if ref.slug != record.slug:
        raise BackboneError(f"The weights of {record.title} have changed since: encode the collection with them first.")
    with _lock():
        worker = _workers().get(record.slug)
        if worker is None or worker.error:
            for other in _workers().values():
                other.close()
            _workers().clear()
            worker = _workers()[record.slug] = EncoderWorker(ref, load_options())
    worker.wait_until_loaded(LOAD_SECONDS)
    return worker

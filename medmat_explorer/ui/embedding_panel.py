"""Which encoder's vectors are looked at, and computing them: estimate, bar with count, rate and time left, stop."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.encoder_ref import BUNDLED, EncoderRef, encoder_ids, resolve_encoder
from medmat_explorer.config import settings
from medmat_explorer.embedding_job import BackgroundEmbedding, estimated_seconds
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.embeddings import (
    EncoderRecord,
    VectorSnapshot,
    encoder_records,
    open_vectors,
    stored_files,
)
from medmat_explorer.store.versions import Version
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.work_bar import duration, follow_work

ENCODER = "encoder"
OTHER = "Another model on this machine"
TRIAL = 128
"""Pictures of a trial that tells how long all of them would take."""


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, BackgroundEmbedding]:
    """The last run of each collection on this server; shared by all sessions."""
    return {}


def load_options() -> LoadOptions:
    """How encoders are loaded, by the settings."""
    return LoadOptions(device=settings().device, threads=settings().threads)


def known_encoders(catalog: Catalog) -> list[EncoderRecord]:
    """The encoders that the collection has vectors of."""
    return encoder_records(catalog.files.folder)


def chosen_encoder(records: Sequence[EncoderRecord]) -> EncoderRecord:
    """The one that the address names, else the bundled one's, else the first."""
    asked = url_state.value(ENCODER)
    bundled = [record for record in records if record.id == BUNDLED]
    return next((record for record in records if record.slug == asked), (bundled or list(records))[0])


def draw_encoder_choice(records: Sequence[EncoderRecord]) -> EncoderRecord:
    """A chooser where there is a choice; returns what is chosen."""
    chosen = chosen_encoder(records)
    titles = {record.slug: f"{record.title} ({record.revision[:6]})" for record in records}
    if len(records) > 1:
        st.selectbox("Encoder", list(titles), format_func=titles.__getitem__, **url_state.bind(ENCODER, chosen.slug))
    return chosen


def vectors(catalog: Catalog, record: EncoderRecord) -> VectorSnapshot:
    """What is stored now of an encoder's vectors, opened once for all sessions. Raises MedmatError."""
    version = catalog.files
    folder = record.folder(version.folder)
    return _vectors(version, record.slug, (str(folder), str(version.root), str(stored_files(folder))))


@st.cache_resource(max_entries=4, show_spinner=False)
def _vectors(_version: Version, slug: str, stamp: tuple[str, ...]) -> VectorSnapshot:
    return open_vectors(_version, slug)


def draw_computing(catalog: Catalog, record: EncoderRecord | None, missing: int) -> None:
    """The run that is under way or how the last one ended; a form to begin one where images have no vectors yet.

    `record` is the encoder that is looked at, None where there is none yet; `missing` counts images it has not seen.
    """
    job = _jobs().get(catalog.name)
    if job is not None and job.running:
        follow_work(job, job.ref.title, "What is done is kept.")
        return
    if job is not None:
        _draw_outcome(job)
    if record is None:
        _draw_form(catalog, missing)
        return
    if missing:
        label = f"Encode the other {missing:,} images"
        st.button(label, on_click=_begin, args=(catalog, record.id, 0), icon=":material/model_training:")
    with st.expander("Encode by another model"):
        _draw_form(catalog, images_of(catalog))


def images_of(catalog: Catalog) -> int:
    """How many images the collection has."""
    return sum(catalog.summary().images.values())


def _draw_form(catalog: Catalog, images: int) -> None:
    """Which model, how long it will take, and two ways to begin."""
    ids = [*encoder_ids(), OTHER]
    model = st.selectbox(
        "Vision encoder",
        ids,
        format_func=lambda name: f"{name} (bundled)" if name == BUNDLED else name,
        key="encoder of",
    )
    if model == OTHER:
        model = st.text_input(
            "Folder of a vision model",
            key="encoder folder",
            placeholder="/models/dinov2-base",
            help="A local folder in transformers format, safetensors only: ViT, DINOv2, CLIP, SigLIP and the like, or "
            "the vision tower of a vision-language model. A hub id works where the model lies in the local cache; "
            "nothing is downloaded.",
        )
    ref = _named(model)
    if ref is None:
        return
    if ref.id == BUNDLED and not all(subset.is_synthetic for subset in catalog.subsets()):
        st.caption("The bundled tower was trained on the synthetic pictures only: of these it knows little.")
    seconds = estimated_seconds(settings().home, ref.slug, images)
    if seconds is None:
        st.caption(f"{images:,} images. How long that takes was never measured here: a trial of {TRIAL} tells.")
    else:
        st.caption(f"{images:,} images, about {duration(seconds)} by the rate of an earlier run on this machine.")
    with st.container(horizontal=True):
        st.button(
            f"Encode {images:,} images",
            on_click=_begin,
            args=(catalog, ref.id, 0),
            type="primary",
            icon=":material/model_training:",
        )
        if seconds is None and images > TRIAL:
            st.button(f"Try {TRIAL} first", on_click=_begin, args=(catalog, ref.id, TRIAL), icon=":material/timer:")


def _named(model: str) -> EncoderRef | None:
    if not model.strip():
        return None
    try:
        return resolve_encoder(model)
    except MedmatError as error:
        frame.show_error(error)
        return None


def _begin(catalog: Catalog, model: str, limit: int) -> None:
    """Starts a run; a second one of the same collection is refused with a sentence."""
    job = _jobs().get(catalog.name)
    if job is not None and job.running:
        st.toast("The pictures of this collection are being encoded already: wait for it or stop it.")
        return
    try:
        ref = resolve_encoder(model)
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return
    _jobs()[catalog.name] = BackgroundEmbedding(catalog.name, settings().home, ref, load_options(), limit)
    url_state.write({ENCODER: ref.slug})


def _draw_outcome(job: BackgroundEmbedding) -> None:
    if job.error:
        frame.show_error(job.error)
        return
    report = job.report
    if report is None or not report.images:
        return
    parts = [f"{report.encoded:,} encoded ({report.pictures_per_second:,.0f} a second on {report.device})"]
    parts += [f"{report.copied:,} with a content that was known"] if report.copied else []
    parts += [f"{n:,} left out: {plain(reason)}" for reason, n in report.refused.items()]
    if report.left:
        ahead = duration(report.left / report.pictures_per_second) if report.pictures_per_second else "some time"
        parts.append(f"{report.left:,} to go, about {ahead}")
    st.caption(f":material/check_circle: Last run: {'; '.join(parts)}.")

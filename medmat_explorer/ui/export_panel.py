"""Taking a selection away: format, size, progress, and what earlier exports left."""

from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.export_job import BackgroundExport, ExportWish, exports_folder
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.exports.archive import archive_of
from medmat_explorer.store.exports.estimate import estimate_export
from medmat_explorer.store.exports.formats import FORMATS
from medmat_explorer.store.exports.stored import StoredExport, delete_export, stored_exports
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.browse_view import chosen_seed, chosen_sort
from medmat_explorer.ui.panel import panel
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.work_bar import follow_work

FORMAT, PICTURES = "export", "pictures"
MOST_TO_DOWNLOAD = 200 << 20
"""Bytes of an export that a browser is offered: the server holds a download in memory."""

MOST_SHOWN = 3
UNITS = ("kB", "MB", "GB", "TB")


@st.cache_resource(show_spinner=False)
def _exports() -> dict[str, BackgroundExport]:
    """The last export of each collection on this server; shared by all sessions."""
    return {}


def draw_export(catalog: Catalog, selection: Selection, found: int) -> None:
    """Behind a button: the items found as files. What it shows costs nothing until it is opened."""
    popover = panel("Export", ":material/download:")
    if not popover.open:
        return
    with popover:
        job = _exports().get(catalog.name)
        if job is not None and job.running:
            follow_work(job, FORMATS[job.wish.format].title, "Stopped, nothing of it is kept.")
        elif found:
            _draw_wish(catalog, selection)
        else:
            st.write("No item is found, so there is nothing to export.")
        if job is not None and not job.running:
            _draw_end(job)
        draw_stored(stored_exports(exports_folder(settings().home), catalog.name, MOST_SHOWN))


def _draw_wish(catalog: Catalog, selection: Selection) -> None:
    name = url_state.value(FORMAT, "llava")
    name = name if name in FORMATS else "llava"
    st.selectbox(
        "Format",
        list(FORMATS),
        format_func=lambda form: FORMATS[form].title,
        **url_state.bind(FORMAT, name, default="llava"),
    )
    st.caption(plain(FORMATS[name].meaning))
    pictures = url_state.value(PICTURES) == "1"
    st.checkbox("Copy the pictures as well", **url_state.bind(PICTURES, pictures))
    expected = estimate_export(catalog, selection, name)
    size = expected.text_bytes + (expected.image_bytes if pictures else 0)
    with_pictures = f" and {expected.images:,} pictures" if pictures else ""
    st.markdown(f"**{expected.items:,} items**{with_pictures}, about {shown_bytes(size)}")
    if pictures and not expected.image_bytes:
        st.warning("None of the pictures looked at is on this machine: the list of missing ones will be long.")
    wish = ExportWish(catalog.name, selection, name, pictures, chosen_sort(), chosen_seed())
    st.button("Export", type="primary", icon=":material/download:", key="start export", on_click=_start, args=(wish,))


def _start(wish: ExportWish) -> None:
    job = _exports().get(wish.collection)
    if job is None or not job.running:
        _exports()[wish.collection] = BackgroundExport(wish, settings().home)


def _draw_end(job: BackgroundExport) -> None:
    if job.stopped and job.report is None:
        st.info("The export was stopped; nothing of it was kept.", icon=":material/stop_circle:")
    elif job.error:
        frame.show_error(job.error)


def draw_stored(exports: Sequence[StoredExport]) -> None:
    """Exports, each with what it holds, where it lies, and a way to take it or to drop it."""
    for export in exports:
        with st.container(border=True, gap="small"):
            _draw_summary(export)
            with st.container(horizontal=True):
                if export.bytes <= MOST_TO_DOWNLOAD:
                    st.download_button(
                        "Download",
                        partial(_archive, export),
                        f"{export.folder.name}.zip",
                        "application/zip",
                        key=f"download {export.folder.name}",
                        icon=":material/folder_zip:",
                        on_click="ignore",
                    )
                st.button(
                    "Delete",
                    key=f"delete {export.folder.name}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=_delete,
                    args=(export,),
                )


def _draw_summary(export: StoredExport) -> None:
    told = export.manifest
    images, form = told["images"], FORMATS.get(told["format"])
    splits = ", ".join(f"{items:,} {split}" for split, items in told["splits"].items() if items)
    st.markdown(f"**{form.title if form else plain(told['format'])}** · {plain(told['selection']['words'])}")
    sources = len(told["datasets"])
    lines = [f"{told['items']:,} items ({splits}) from {sources} {'source' if sources == 1 else 'sources'}"]
    lines += [f"{images['copied']:,} pictures copied"] if images["wanted"] else ["pictures not copied"]
    if without := sum(images["not_copied"].values()):
        left = ", and left out" if told["left_out"] else ""
        lines.append(f"{without:,} items whose picture could not be copied are listed in a file{left}")
    st.caption(plain("; ".join([*lines, shown_bytes(export.bytes)]) + "."))
    st.code(str(export.folder), language=None, wrap_lines=True)


def _archive(export: StoredExport) -> BinaryIO:
    return archive_of(export.folder).open("rb")


def _delete(export: StoredExport) -> None:
    try:
        delete_export(export)
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")


def shown_bytes(size: int) -> str:
    """A size for people, in the units that file managers use."""
    if size < 1000:
        return f"{size} bytes"
    power = min((len(str(size)) - 1) // 3, len(UNITS))
    amount = size / 1000**power
    return f"{amount:,.0f} {UNITS[power - 1]}" if amount >= 10 else f"{amount:.1f} {UNITS[power - 1]}"

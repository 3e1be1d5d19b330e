"""The map of a selection's pictures: what looks alike lies close together; what is lassoed becomes a selection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from medmat_explorer.charts.embedding_map import MOST_SVG, MapPoint, map_figure
from medmat_explorer.domain.qa import item_key
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.neighbour_agreement import NEIGHBOURS, neighbour_agreement
from medmat_explorer.evaluation.principal_axes import WIDEST_FIT, principal_axes
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.embedding_map import COLOURED_BY, MapDraw, MapPicture, draw_pictures, items_of_contents
from medmat_explorer.store.embeddings import FloatArray, VectorSnapshot
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.embedding_panel import (
    draw_computing,
    draw_encoder_choice,
    images_of,
    known_encoders,
    vectors,
)
from medmat_explorer.ui.map_search import LAYOUT, PCA, UMAP, chosen_method, draw_umap
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.similar_panel import draw_upload, show_items

COLOUR, POINTS, SEED = "colour", "points", "mapseed"
SIZES = (1_000, MOST_SVG, 20_000)
GREY = 1_500
"""Pictures outside the selection that are drawn in grey, to show where it lies."""


@dataclass(frozen=True)
class _Map:
    """One map: the selection's pictures with their places, grey places of others, and what the axes are."""

    draw: MapDraw
    places: FloatArray
    others: FloatArray
    axes: tuple[str, str]


def draw_map(catalog: Catalog, selection: Selection) -> None:
    """The tab of Browse: map, what was picked, the same in numbers, a picture of one's own, and computing."""
    records = known_encoders(catalog)
    if not records:
        st.info(
            "The map needs a vector for each picture, by a vision encoder. That is computed once, in the background.",
            icon=":material/scatter_plot:",
        )
        draw_computing(catalog, None, images_of(catalog))
        return
    try:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            record = draw_encoder_choice(records)
            _draw_choices()
        stored = vectors(catalog, record)
        _draw_pictures(catalog, stored, selection)
        with st.expander("Find pictures like one of your own", icon=":material/image_search:"):
            draw_upload(catalog, record)
        encoded, refused = stored.counts()
        draw_computing(catalog, record, max(0, images_of(catalog) - encoded - sum(refused.values())))
    except MedmatError as error:
        frame.show_error(error)


def _draw_choices() -> None:
    """What colours the points, how places are found, how many are drawn."""
    colour, points = chosen_colour(), chosen_points()
    st.selectbox("Colour by", COLOURED_BY, **url_state.bind(COLOUR, colour, default=COLOURED_BY[0]), width=150)
    st.segmented_control(
        "Places by",
        (PCA, UMAP),
        format_func={PCA: "PCA", UMAP: "UMAP"}.__getitem__,
        required=True,
        help="PCA: the two directions in which the vectors differ most, at once. UMAP: keeps close neighbours "
        "together, takes about a minute, and distances between groups mean little.",
        **url_state.bind(LAYOUT, chosen_method(), default=PCA),
    )
    st.selectbox(
        "At most",
        SIZES,
        format_func=lambda n: f"{n:,} points",
        help=f"More than {MOST_SVG:,} are drawn by WebGL, which not every browser has.",
        **url_state.bind(POINTS, points, default=MOST_SVG),
        width=150,
    )
    st.number_input("Seed", 0, 2**31 - 1, **url_state.bind(SEED, chosen_map_seed(), default=0), width=110)


def chosen_colour() -> str:
    """What colours the points."""
    colour = url_state.value(COLOUR, COLOURED_BY[0])
    return colour if colour in COLOURED_BY else COLOURED_BY[0]


def chosen_points() -> int:
    """How many pictures are drawn at most."""
    points = url_state.number(POINTS, MOST_SVG, least=1, most=SIZES[-1])
    return points if points in SIZES else MOST_SVG


def chosen_map_seed() -> int:
    """The seed of the draw and of UMAP."""
    return url_state.number(SEED, 0, least=0, most=2**31 - 1)


def _draw_pictures(catalog: Catalog, stored: VectorSnapshot, selection: Selection) -> None:
    draw = draw_pictures(catalog, stored, selection, chosen_points(), chosen_map_seed())
    if not len(draw.vectors):
        st.info("None of the selected pictures has a vector yet.", icon=":material/info:")
        return
    found = _by_umap(stored, draw) if chosen_method() == UMAP else _by_axes(catalog, stored, selection, draw)
    if found is None:
        return
    coloured_by = chosen_colour()
    table = _agreement(draw, coloured_by, chosen_map_seed())
    _draw_figure(catalog, stored, selection, found, coloured_by, _summary(table, coloured_by))
    _draw_picked(catalog, selection)
    _draw_numbers(table, coloured_by)


def _by_umap(stored: VectorSnapshot, draw: MapDraw) -> _Map | None:
    places = draw_umap(stored, draw, chosen_map_seed())
    none = np.empty((0, 2), dtype=np.float32)
    return None if places is None else _Map(draw, places, none, ("UMAP 1", "UMAP 2"))


def _by_axes(catalog: Catalog, stored: VectorSnapshot, selection: Selection, draw: MapDraw) -> _Map:
    """The axes are those of the whole collection, so that a picture keeps its place under every filter."""
    whole = draw if selection.is_everything else draw_pictures(catalog, stored, Selection(), WIDEST_FIT, 0)
    fitted = principal_axes(whole.vectors if len(whole.vectors) else draw.vectors)
    chosen = set(draw.contents)
    grey = [place for place, content in enumerate(whole.contents) if content not in chosen][:GREY]
    axes = tuple(f"axis {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(fitted.shares))
    return _Map(draw, fitted.places(draw.vectors), fitted.places(whole.vectors[grey]), (axes[0], axes[1]))


def _draw_figure(
    catalog: Catalog,
    stored: VectorSnapshot,
    selection: Selection,
    found: _Map,
    coloured_by: str,
    summary: str,
) -> None:
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    points = [
        _point(picture, float(x), float(y), coloured_by, titles)
        for picture, (x, y) in zip(found.draw.pictures, found.places, strict=True)
    ]
    figure = map_figure(points, [(float(x), float(y)) for x, y in found.others], found.axes)
    key = f"map {hash((selection_state.describe_selection(selection), *sorted(st.query_params.to_dict().items())))}"
    keys = {picture.content: picture.key for picture in found.draw.pictures}

    def picked() -> None:
        _pick(catalog, stored, _names(st.session_state[key]["selection"]["points"], points), keys)

    st.plotly_chart(
        figure,
        key=key,
        on_select=picked,
        selection_mode=("lasso", "box", "points"),
        config={"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage"]},
        alt=f"Map of {len(points):,} pictures by {coloured_by}. {summary} The table below says it in numbers.",
    )
    drawn = f"{len(points):,} of {found.draw.images:,} pictures"
    rest = "" if len(points) == found.draw.images else ", a seeded draw of those that are encoded and differ in content"
    grey = f", {len(found.others):,} outside the selection in grey" if len(found.others) else ""
    hint = "Lasso or box points to select their items; with the Pan tool a click opens one."
    st.caption(f"{drawn}{rest}{grey}. {hint} {summary}")


def _point(picture: MapPicture, x: float, y: float, coloured_by: str, titles: dict[str, str]) -> MapPoint:
    value = titles[picture.subset] if coloured_by == "subset" else picture.value(coloured_by)
    return MapPoint(
        picture.content,
        x,
        y,
        _shown(value),
        _shown(picture.label),
        _shown(f"{titles[picture.subset]} · {picture.split}"),
    )


def _shown(text: str) -> str:
    """Plotly reads tags in its texts: the signs that begin one are written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _names(points: Sequence[Any], known: Sequence[MapPoint]) -> list[str]:
    """The contents of what was picked; grey points have none."""
    valid = {point.name for point in known}
    return [name for point in points if (name := str((point.get("customdata") or [""])[0])) in valid]


def _pick(catalog: Catalog, stored: VectorSnapshot, contents: list[str], keys: dict[str, int]) -> None:
    """One picture is opened; several become a selection."""
    if len(contents) == 1:
        url_state.write({selection_state.ITEM: item_key(keys[contents[0]])})
    elif contents:
        show_items(catalog, items_of_contents(catalog, stored, contents).tolist(), "map")


def _draw_picked(catalog: Catalog, selection: Selection) -> None:
    if not selection.named(Facet.SET):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Show the {catalog.count(selection):,} picked items in the gallery",
            on_click=url_state.write,
            args=({"show": None},),
            icon=":material/photo_library:",
            type="primary",
        )
        st.button("Back to the whole map", on_click=selection_state.choose, args=({Facet.SET.value: []},))


@st.cache_data(max_entries=16, show_spinner=False)
def _counted(mark: tuple[str, ...], coloured_by: str, seed: int, _draw: MapDraw) -> list[dict[str, Any]]:
    values = [picture.value(coloured_by) for picture in _draw.pictures]
    return [vars(found) for found in neighbour_agreement(_draw.vectors, values, seed)]


def _agreement(draw: MapDraw, coloured_by: str, seed: int) -> list[dict[str, Any]]:
    return _counted(draw.contents, coloured_by, seed, draw)


def _summary(table: list[dict[str, Any]], coloured_by: str) -> str:
    """The first line of the table, for people."""
    if not table:
        return ""
    whole = table[0]
    return (
        f"Of the {NEIGHBOURS} nearest neighbours of a picture (in all numbers of its vector, not on the map), "
        f"{whole['share']:.0%} have the same {coloured_by} (n = {whole['n']:,}, 95 % interval {whole['low']:.0%} to "
        f"{whole['high']:.0%}, chance {whole['chance']:.0%})."
    )


def _draw_numbers(table: list[dict[str, Any]], coloured_by: str) -> None:
    with st.expander("The same in numbers", icon=":material/table:"):
        if not table:
            st.write("Fewer than three pictures: nothing to compare.")
            return
        st.caption(
            f"How many of a picture's {NEIGHBOURS} nearest neighbours share its {plain(coloured_by)}: pictures asked, "
            "mean share with its 95 % interval (bootstrap over pictures), and the share that any picture would have."
        )
        rows = [
            {
                coloured_by: row["value"] or "all together",
                "pictures asked": row["n"],
                "share": f"{row['share']:.1%}",
                "interval": f"{row['low']:.1%} to {row['high']:.1%}",
                "chance": f"{row['chance']:.1%}",
            }
            for row in table
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"Agreement of neighbours by {coloured_by}")

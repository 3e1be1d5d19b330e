"""Which backbone the address names: what is known of it, where it is, and why it cannot be loaded if it cannot.

Nothing is fetched and nothing is sent while a page is drawn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.backbones.hub_cache import HUB_ID, cached_folder, is_hub_id
from medmat_explorer.backbones.manifests import MANIFESTS, Manifest, manifest_named
from medmat_explorer.backbones.registry import (
    REGISTRY,
    Availability,
    BackboneRef,
    availability,
    resolve,
)
from medmat_explorer.backbones.remote_address import looks_remote
from medmat_explorer.config import settings
from medmat_explorer.errors import BackboneError, MedmatError
from medmat_explorer.ui import url_state
from medmat_explorer.ui.backbone_fetch import draw_fetch
from medmat_explorer.ui.plain import plain

BACKBONE, OTHER = "backbone", "other"
FRESH_SECONDS = 10
"""How long it is remembered which models lie in the hub's cache, and what a folder holds."""

HELP = (
    "Type to search the list, or write the path of a folder in transformers format, an id of the Hugging Face hub "
    "(owner/name or owner/name@revision), or the address of a server (http://host:port/v1#model)."
)
IN_CACHE = "in the local hub cache"


@dataclass(frozen=True)
class Choice:
    """A backbone as it was named. `ref` is there when it can be loaded now.

    `problem` is a sentence why it cannot, `command` what would get it here, `pin` its id and revision on the hub where
    this program may fetch it itself. `where` is a few words.
    """

    text: str
    where: str = ""
    manifest: Manifest | None = None
    ref: BackboneRef | None = None
    problem: str = ""
    command: str = ""
    pin: str = ""

    @property
    def title(self) -> str:
        """What it is called, or how it was written."""
        return self.manifest.title if self.manifest else self.text

    @property
    def folder(self) -> Path | None:
        """Where its weights lie, if they are here."""
        return self.ref.folder if self.ref else None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be asked for, as far as that is known before it is loaded."""
        return self.manifest.capabilities if self.manifest else frozenset()

    @property
    def can_load(self) -> bool:
        """Whether it is here and nothing is known against it."""
        return self.ref is not None and not self.problem


def chosen_backbone() -> Choice:
    """The backbone in the address; the bundled one when it names none."""
    return look_at(url_state.value(BACKBONE).strip() or REGISTRY[0].id)


def other_backbone() -> Choice | None:
    """The second backbone in the address; None when it names none."""
    text = url_state.value(OTHER).strip()
    return look_at(text) if text else None


@st.cache_resource(ttl=FRESH_SECONDS, max_entries=64, show_spinner=False)
def look_at(text: str) -> Choice:
    """What is known of the backbone of that name."""
    manifest = manifest_named(text)
    if manifest and manifest.server_only:
        return Choice(text, Availability.SERVER, manifest, problem=manifest.server_only)
    if manifest and manifest.hub_id:
        here = cached_folder(manifest.hub_id, manifest.revision) or cached_folder(manifest.hub_id)
        return _resolved(text, IN_CACHE, manifest) if here else _absent(text, manifest)
    if is_hub_id(text) and not _is_folder(text):
        found = HUB_ID.fullmatch(text)
        here = cached_folder(found["id"], found["revision"] or "") if found else None
        return _resolved(text, IN_CACHE) if here else _absent(text)
    return _resolved(text, "" if manifest else "behind a server" if looks_remote(text) else "a local folder", manifest)


def draw_picker(choice: Choice) -> None:
    """The list with search, in which another name can be written too."""
    st.selectbox(
        "Backbone",
        _names([choice.text]),
        format_func=_label,
        accept_new_options=True,
        help=HELP,
        **url_state.bind(BACKBONE, choice.text, default=REGISTRY[0].id),
    )


def draw_other_picker(choice: Choice | None) -> None:
    """The same for the second backbone, or none."""
    shown = choice.text if choice else ""
    st.selectbox(
        "Compare with",
        ["", *_names([shown] if shown else [])],
        format_func=lambda name: _label(name) if name else "no second backbone",
        accept_new_options=True,
        help="Both are asked the same items, one after the other, and compared in pairs. The adapter lies on the first "
        f"alone: name the same backbone here to compare it with its base. {HELP}",
        **url_state.bind(OTHER, shown, default=""),
    )


def draw_reason(choice: Choice) -> None:
    """Why it cannot be loaded and what to do; nothing for one that can."""
    if choice.can_load:
        return
    st.warning(plain(choice.problem), icon=":material/block:")
    if choice.command:
        st.code(choice.command, language="bash", wrap_lines=True)
    if choice.pin and draw_fetch(choice.pin, choice.title, choice.manifest.parameters if choice.manifest else 0):
        look_at.clear()
        _listed.clear()
        st.rerun()


def _names(asked: Iterable[str]) -> list[str]:
    """The list by where each is, the nearest first, and whatever else was asked for at its end."""
    return list(dict.fromkeys([*_listed(), *asked]))


def _label(name: str) -> str:
    where, manifest = _listed().get(name), manifest_named(name)
    if manifest is None:
        return name
    return manifest.title if where == Availability.BUNDLED.value else f"{manifest.title} · {where}"


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def _listed() -> dict[str, str]:
    """Ids of the list with where each is, in the order of Availability."""
    found = {manifest.id: availability(manifest) for manifest in MANIFESTS}
    order = list(Availability)
    return {id: where.value for id, where in sorted(found.items(), key=lambda pair: order.index(pair[1]))}


def _resolved(text: str, where: str, manifest: Manifest | None = None) -> Choice:
    """One that is here; `resolve` fetches nothing then."""
    try:
        ref = resolve(text)
    except MedmatError as error:
        return Choice(text, where, manifest, problem=str(error))
    return Choice(text, where or ref.manifest.source, ref.manifest, ref, ref.problem)


def _absent(text: str, manifest: Manifest | None = None) -> Choice:
    pin = f"{manifest.hub_id}@{manifest.revision}" if manifest and manifest.revision else ""
    pin = pin or (manifest.hub_id if manifest else text)
    hub_id, _, revision = pin.partition("@")
    command = f"hf download {hub_id}" + (f" --revision {revision}" if revision else "")
    terms = " Accept its terms on the hub first, and log in (hf auth login)." if manifest and manifest.gated else ""
    how = (
        "Fetch gets it, as MEDMAT_ALLOW_DOWNLOADS is on; so does the command below."
        if settings().allow_downloads
        else "Fetch it with the command below, or let this program fetch (MEDMAT_ALLOW_DOWNLOADS=1)."
    )
    problem = f"{hub_id} is not in the local cache of the Hugging Face hub. {how}{terms}"
    return Choice(
        text, Availability.ABSENT, manifest, None, problem, command, pin if settings().allow_downloads else ""
    )


def _is_folder(text: str) -> bool:
    try:
        return Path(text).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False


def reference(choice: Choice) -> BackboneRef:
    """What is to be loaded. Raises BackboneError with the reason when it cannot be."""
    if choice.ref is None or choice.problem:
        raise BackboneError(choice.problem or "Choose a backbone first.")
    return choice.ref

"""The address is the only state of a view: pages read it, widgets write it, so every view is a link.

A widget bound here is seeded from the address before it is drawn and writes the address when it changes. Values
that are not valid choices are ignored, so a mistyped link opens the default view.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

COLLECTION = "collection"
OFF = "0"
"""Stands for a switch that is off where it is on by default."""

BOUND, HEARD = "bound to the address", "triggers heard of"
MOMENT = 1.5
"""Seconds within which a browser has surely heard what a widget shows now."""


def value(name: str, default: str = "") -> str:
    """One value from the address."""
    return st.query_params.get(name, default)


def values(name: str) -> list[str]:
    """All values of a name from the address, in order."""
    return list(st.query_params.get_all(name))


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from the address, held within its bounds; the default when it is none."""
    try:
        return max(least, min(most, int(value(name, str(default)))))
    except ValueError:
        return default


def write(changes: Mapping[str, str | Sequence[str] | None]) -> None:
    """Changes names in the address and keeps the others; None or an empty value removes a name."""
    params: dict[str, str | list[str]] = {name: values(name) for name in st.query_params}
    for name, new in changes.items():
        if new:
            params[name] = new if isinstance(new, str) else list(new)
        else:
            params.pop(name, None)
    st.query_params.from_dict(params)


def bind(
    name: str, shown: object, *, resets: Sequence[str] = (), default: object = None, widget: str = ""
) -> dict[str, Any]:
    """Keyword arguments (`key`, `on_change`) that tie a widget to a name in the address.

    `shown` is what the widget must show now; `resets` are names removed when it changes (such as the page number);
    a value equal to `default` is left out of the address. `widget` tells apart two widgets of one name.
    """

    def heed(new: object) -> None:
        text = OFF if new is False and default is True else _as_text(new)
        write({name: None if new == default else text, **dict.fromkeys(resets)})

    return _tied(f"address:{name}{widget}", shown, heed)


def bind_member(name: str, member: str) -> dict[str, Any]:
    """The same for a checkbox that puts one value into a list in the address, or takes it out."""

    def heed(new: object) -> None:
        others = [other for other in values(name) if other != member]
        write({name: [*others, member] if new else others})

    return _tied(f"address:{name} {member}", member in values(name), heed)


def _tied(key: str, shown: object, heed: Callable[[object], None]) -> dict[str, Any]:
    """Lets a widget show a value; what it is changed to is heeded, unless the browser was only late."""
    st.session_state[key] = shown
    known = _bound().get(key)
    if known is None or known.shown != shown:
        _bound()[key] = _Bound(shown, known.shown if known else shown, time.monotonic())

    def changed() -> None:
        new, known = st.session_state[key], _bound()[key]
        if new == known.before != known.shown and time.monotonic() - known.since < MOMENT:
            return  # the browser sent what it showed before the address changed; the next drawing sets it right
        _bound()[key] = _Bound(new, new, 0.0)
        heed(new)

    return {"key": key, "on_change": changed}


@dataclass(frozen=True)
class _Bound:
    """What a widget shows, what it showed before the address changed it, and since when."""

    shown: object
    before: object
    since: float


def _bound() -> dict[str, _Bound]:
    """The widgets of this session that are tied to the address, by key."""
    bound: dict[str, _Bound] = st.session_state.setdefault(BOUND, {})
    return bound


def _as_text(new: object) -> str | list[str] | None:
    if new is None or new is False:
        return None
    if isinstance(new, (list, tuple)):
        return [str(part) for part in new]
    return "1" if new is True else str(new)


def heard(key: str) -> int:
    """How often this session has heard of a component's triggers.

    For components that show a change before the page does (a ticked box). When Back takes the change away before the
    page was drawn, all else that the component gets is what it got before, and the same data would not reach it again.
    """
    return int(st.session_state.get(f"{HEARD} {key}", 0))


def on_trigger(key: str, name: str, act: Callable[[dict[str, str]], None]) -> Callable[[], None]:
    """A callback for a component's trigger: hands its value to `act`, and does nothing when there is none."""
    count = f"{HEARD} {key}"

    def changed() -> None:
        sent = getattr(st.session_state.get(key), name, None)
        if isinstance(sent, dict):
            st.session_state[count] = heard(key) + 1
            act({str(k): str(v) for k, v in sent.items()})

    return changed

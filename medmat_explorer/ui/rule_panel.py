"""A rule of the reader's own: the table of tasks to be edited, kept, taken along as CSV, and read from CSV."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd
import streamlit as st

from medmat_explorer.domain.relation import RULES, RelationRule, rule_named
from medmat_explorer.domain.task_rule import (
    LONGEST_TASK,
    changed_readings,
    names_read_alike,
    readings_of,
    reason_of,
    rule_name_parts,
    task_rule,
)
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.own_rules import OwnRules
from medmat_explorer.store.rule_table import LARGEST, rule_from_table, rule_name_of, written_table
from medmat_explorer.ui import frame, lattice_view, url_state
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.subset_card import SURENESS

READ_AS = "Read as"
OPEN, PROBLEM = "own rule open", "own rule problem"
UPLOAD, UPLOADS = "own rule upload", "own rule uploads"
DRAFT = "draft"
"""What an unfinished rule is called in its own CSV."""

MOST_HEIGHT, LONGEST_REASON = 380, 200
HELP = {
    READ_AS: "The task that counts when subsets are compared: edit it. Empty: as the rule that you start from.",
    "Sure": "How sure the short task is as a reading of Tables 3-8.",
    "Why": "What the reading rests on, or what speaks against it.",
}


@dataclass(frozen=True)
class Draft:
    """The table as it is being edited: `seed` are the tasks that it began with, by number, in the table's order."""

    view: LatticeView
    base: str
    seed: Mapping[str, str]
    key: str

    def tasks(self) -> dict[str, str]:
        """The tasks as they are now."""
        return edited(self.seed, self.usual, st.session_state.get(self.key, {}).get("edited_rows", {}))

    @cached_property
    def usual(self) -> dict[str, str]:
        """The tasks by the rule that this one starts from."""
        return readings_of(self.view.universe.subsets.values(), rule_named(self.base))

    def rule(self, name: str, reason: str = "") -> RelationRule:
        """The rule that the table is now. Raises RuleError for a name or a task that cannot be one."""
        subsets, tasks = self.view.universe.subsets.values(), self.tasks()
        names = {**self._further_names(), **names_read_alike(subsets, tasks, self.base)}
        rule = task_rule(name, self.base, tasks, names, reason)
        return rule if rule.reason else replace(rule, reason=reason_of(changed_readings(subsets, rule), self.base))

    def _further_names(self) -> dict[str, str]:
        """Names for triples of one's own that the rule looked at has, and that do not follow from its table."""
        if self.base != self.view.rule.base:
            return {}
        derived = names_read_alike(self.view.universe.subsets.values(), self.seed, self.base)
        return {old: new for old, new in self.view.rule.task_names if derived.get(old) != new}


def edited(seed: Mapping[str, str], usual: Mapping[str, str], edits: Mapping[int, Mapping[str, Any]]) -> dict[str, str]:
    """The tasks after a reader's edits, which go by row; an emptied one is read as usual."""
    tasks = dict(seed)
    numbers = list(seed)
    for row, cells in edits.items():
        if READ_AS in cells:
            number = numbers[int(row)]
            tasks[number] = " ".join(str(cells[READ_AS] or "").split()) or usual[number]
    return tasks


def draw_rule_editor(view: LatticeView, catalog: Catalog) -> None:
    """The whole panel, folded away until it is wanted."""
    with st.expander("A rule of your own", icon=":material/edit_note:", key=OPEN, on_change="rerun") as box:
        if not box.open:
            return
        st.caption("Who is related depends on what each task is read as. Change the readings and keep them as a rule.")
        draft = _draw_base(view)
        _draw_table(draft)
        _draw_changes(draft)
        _draw_keeping(draft, catalog)
        _draw_upload(view, catalog)
        if problem := st.session_state.get(PROBLEM):
            frame.show_error(problem)
        _draw_kept(view, catalog)


def _draw_base(view: LatticeView) -> Draft:
    """The rule that the table starts from: the one that is looked at, unless another is chosen."""
    base = st.selectbox(
        "Start from the rule",
        list(RULES),
        index=list(RULES).index(view.rule.base),
        key=f"own rule base {view.rule.name}",
        help="Subsets that are made later are read as this rule reads them.",
    )
    rule = view.rule if base == view.rule.base else rule_named(base)
    seed = readings_of(view.universe.subsets.values(), rule)
    return Draft(view, base, seed, f"own rule table {view.rule.name} {base} {view.universe.name}")


def _draw_table(draft: Draft) -> None:
    subsets = draft.view.universe.subsets
    st.data_editor(
        pd.DataFrame(task_rows(subsets, draft.seed, draft.usual, draft.base)),
        key=draft.key,
        hide_index=True,
        height=min(MOST_HEIGHT, 38 + 35 * len(subsets)),
        disabled=["Subset", f"By {draft.base}", "Sure", "Why", "Published task"],
        column_config={
            "Subset": st.column_config.TextColumn(pinned=True, width=112),
            READ_AS: st.column_config.TextColumn(help=HELP[READ_AS], max_chars=LONGEST_TASK, width=96),
            **{name: st.column_config.TextColumn(help=HELP[name]) for name in ("Sure", "Why")},
        },
        alt="The tasks of all subsets, as the rule reads them",
    )


def task_rows(
    subsets: Mapping[str, Any], seed: Mapping[str, str], usual: Mapping[str, str], base: str
) -> list[dict[str, str]]:
    """The table of tasks, a row a subset: what it is read as, and how sure its short task is and why."""
    return [
        {
            "Subset": f"{number} {subset.triplet.modality} · {subset.triplet.area}",
            READ_AS: seed[number],
            f"By {base}": usual[number],
            "Sure": SURENESS.get(subset.task_confidence, subset.task_confidence),
            "Why": subset.task_note,
            "Published task": subset.published_task,
        }
        for number, subset in subsets.items()
    ]


def _draw_changes(draft: Draft) -> None:
    """What the table says by now: in words, and to be taken along as CSV."""
    try:
        rule = draft.rule(DRAFT)
    except MedmatError as error:
        frame.show_error(error)
        return
    subsets, name = draft.view.universe.subsets, rule_name_parts(draft.view.rule.name)[0].replace(" ", "-")
    st.download_button(
        "Table as CSV",
        lambda: written_table(subsets, rule),
        f"rule-{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption(plain(rule.reason))
    if rule.task_names:
        alike = ", ".join(f"{old} as {new}" for old, new in rule.task_names)
        st.caption(plain(f"In triples that no subset has, too: {alike}."))


def _draw_keeping(draft: Draft, catalog: Catalog) -> None:
    own = draft.view.rule.name not in RULES
    name, reason = f"own rule name {draft.view.rule.name}", f"own rule reason {draft.view.rule.name}"
    known = rule_name_parts(draft.view.rule.name)[0] if own else ""
    st.text_input("Name of the rule", value=known, key=name, max_chars=40, placeholder="for example: level-17")
    st.text_input("Why (kept with it)", key=reason, max_chars=LONGEST_REASON, placeholder="for example: 17 is graded")
    st.button(
        "Keep this rule",
        type="primary",
        icon=":material/bookmark_add:",
        on_click=lambda: _keep(draft, catalog, st.session_state[name], st.session_state[reason]),
    )


def _keep(draft: Draft, catalog: Catalog, name: str, reason: str) -> None:
    try:
        _take_up(catalog, draft.rule(name, reason))
    except MedmatError as error:
        st.session_state[PROBLEM] = str(error)


def _take_up(catalog: Catalog, rule: RelationRule) -> None:
    """Keeps a rule and looks at the lattice by it."""
    st.session_state[PROBLEM] = ""
    OwnRules(catalog.workspace).keep(rule)
    url_state.write({lattice_view.RULE: rule.name})
    st.toast(f"Kept the rule {plain(rule.name)}.", icon=":material/bookmark_added:")


def _draw_upload(view: LatticeView, catalog: Catalog) -> None:
    key = f"{UPLOAD} {st.session_state.get(UPLOADS, 0)}"
    st.file_uploader(
        "A rule from a CSV",
        type=["csv"],
        max_upload_size=LARGEST >> 20,
        key=key,
        on_change=lambda: _take_in(view, catalog, key),
        help="Its first line names the columns; subset_no and task are needed. The file's name becomes the rule's.",
    )


def _take_in(view: LatticeView, catalog: Catalog, key: str) -> None:
    """Keeps the rule of a file that a reader gave; the box is then ready for another."""
    file = st.session_state[key]
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1
    if file is None:
        return
    try:
        _take_up(catalog, rule_from_file(file.name, file.getvalue(), view))
    except MedmatError as error:
        st.session_state[PROBLEM] = str(error)


def rule_from_file(file: str, content: bytes, view: LatticeView) -> RelationRule:
    """The rule in a CSV that a reader gave, called as the file is. Raises RuleError and UnknownNameError."""
    return rule_from_table(content, rule_name_of(file), view.universe.subsets, view.rule.base, what=f"'{file}'")


def _draw_kept(view: LatticeView, catalog: Catalog) -> None:
    """The rules that are kept beside this collection, each with a way to look at it and to forget it."""
    kept = OwnRules(catalog.workspace)
    for rule in kept.all():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            show = {lattice_view.RULE: rule.name}
            shown = rule.name == view.rule.name
            st.button(
                plain(rule.name),
                key=f"show rule {rule.name}",
                help=plain(rule.reason),
                on_click=url_state.write,
                args=(show,),
                type="tertiary",
                disabled=shown,
            )
            with st.popover("Delete", type="tertiary", key=f"own rule deletion {rule.name}"):
                st.caption("Links that name it can then no longer be followed. Its table as CSV brings it back.")
                st.button("Delete it", key=f"delete rule {rule.name}", on_click=_delete, args=(kept, rule.name))
    for file in kept.unreadable():
        st.caption(f":material/report: {plain(f'{file} is no rule that this program can read.')}")


def _delete(kept: OwnRules, identity: str) -> None:
    try:
        kept.delete(identity)
    except MedmatError as error:
        st.session_state[PROBLEM] = str(error)
        return
    if url_state.value(lattice_view.RULE) == identity:
        url_state.write({lattice_view.RULE: None})

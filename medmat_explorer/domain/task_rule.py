"""Rules of a reader's own: subsets read as other tasks than a given rule reads them.

Its name carries a hash of what it does (`my-reading@1a2b3c4d`), so that a link or a result that names it always means
the same readings.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from medmat_explorer.domain.relation import RULES, RelationRule, rule_named
from medmat_explorer.domain.subset import Subset, subset_order
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.errors import RuleError

NAME = re.compile(r"[^\W_](?:[\w \-]{0,38}[\w\-])?")
IDENTITY = re.compile(rf"(?P<name>{NAME.pattern})@(?P<mark>[0-9a-f]{{8}})")
LONGEST_TASK = 60
LISTED = 6
"""Readings that a rule's own reason names; it counts the others."""


def task_rule(
    name: str, base: str, tasks: Mapping[str, str], task_names: Mapping[str, str], reason: str = ""
) -> RelationRule:
    """A rule that reads subsets as tasks by number, and names of tasks in triples of one's own as other names.

    All else it reads as the base rule does. Raises RuleError for a name or a task that cannot be one, and for a rule
    without readings; UnknownNameError for a base that is no rule.
    """
    built_in = rule_named(base)
    name = checked_rule_name(name)
    if not tasks:
        raise RuleError(f"The rule '{name}' reads no subset: give at least one subset a task.")
    own = tuple((number, checked_task(tasks[number], number)) for number in sorted(tasks, key=subset_order))
    names = tuple((old, checked_task(task_names[old], old)) for old in sorted(task_names))
    identity = f"{name}@{content_mark(base, own, names)}"
    return replace(built_in, name=identity, reason=reason.strip(), own_tasks=own, task_names=names)


def content_mark(base: str, tasks: Iterable[tuple[str, str]], task_names: Iterable[tuple[str, str]]) -> str:
    """Eight hexadecimal digits that stand for what a rule does; the order of its readings does not matter."""
    content = [base, sorted(tasks), sorted(task_names)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:8]


def checked_rule_name(name: str) -> str:
    """A name without blanks around it. Raises RuleError when it cannot name a rule of one's own."""
    name = " ".join(name.split())
    if not NAME.fullmatch(name):
        raise RuleError(
            f"'{name}' cannot name a rule: use 1 to 40 letters, digits, blanks, - and _, the first a letter or a digit."
        )
    if name.casefold() in RULES:
        raise RuleError(f"'{name}' is the name of a rule that comes with the program: choose another.")
    return name


def checked_task(task: str, of: str) -> str:
    """A task's name, blanks put right. Raises RuleError when it is empty, too long or has control characters."""
    task = " ".join(task.split())
    if not 0 < len(task) <= LONGEST_TASK or not task.isprintable():
        raise RuleError(f"'{task}' cannot be the task of {of}: use 1 to {LONGEST_TASK} letters, digits and signs.")
    return task


def rule_name_parts(text: str) -> tuple[str, str]:
    """The name and the mark in `name@1a2b3c4d`; the mark is empty where there is none."""
    match = IDENTITY.fullmatch(text.strip())
    return (match["name"], match["mark"]) if match else (" ".join(text.split()), "")


def readings_of(subsets: Iterable[Subset], rule: RelationRule) -> dict[str, str]:
    """The task that the rule reads each subset as, by number."""
    return {subset.number: rule.elements(subset).task for subset in subsets}


def names_read_alike(subsets: Iterable[Subset], tasks: Mapping[str, str], base: str) -> dict[str, str]:
    """What a table of readings says of tasks in triples that no subset has, by the task's name.

    A name that some subset is read as stands for itself, so that a target can be written in the words of the rule. Any
    other is read otherwise than the base rule reads it when all subsets of that task are, and all in the same way.
    """
    built_in = rule_named(base)
    found: dict[str, set[str]] = {}
    for subset in subsets:
        written = subset.published_task if built_in.task_field == "published_task" else subset.triplet.task
        found.setdefault(written, set()).add(tasks.get(subset.number, built_in.elements(subset).task))
    used = {task.casefold(): task for task in sorted(set().union(*found.values()), reverse=True)}
    alike = {old: next(iter(new)) for old, new in found.items() if len(new) == 1 and old.casefold() not in used}
    alike |= {task: task for task in used.values()}
    return {old: new for old, new in sorted(alike.items()) if new != _read_alone(old, built_in)}


def _read_alone(task: str, rule: RelationRule) -> str:
    return rule.elements(MatTriplet("any", "any", task)).task


def changed_readings(subsets: Iterable[Subset], rule: RelationRule) -> dict[str, tuple[str, str]]:
    """The subsets that a rule reads otherwise than its base: the base's task and its own, by number."""
    base = rule_named(rule.base)
    return {s.number: (base.elements(s).task, rule.elements(s).task) for s in subsets if rule.rereads(s)}


def reason_of(changed: Mapping[str, tuple[str, str]], base: str) -> str:
    """What a rule does, in a sentence, for a reader who gave none."""
    if not changed:
        return f"A rule of your own that reads every subset as {base} does."
    listed = [f"{number} as {new}" for number, (_, new) in list(changed.items())[:LISTED]]
    more = f" and {len(changed) - LISTED} more otherwise" if len(changed) > LISTED else ""
    return f"A rule of your own: {base}, but {', '.join(listed)}{more}."

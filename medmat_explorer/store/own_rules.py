"""The rules that readers made themselves, kept beside a collection.

<home>/workspace/<collection>/rules/<hash of name and content>.json

A file is never changed: another reading under the same name is another file, so that what a link or a result names
stays what it was until the reader deletes it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from medmat_explorer.domain.relation import RULES, RelationRule, rule_named
from medmat_explorer.domain.task_rule import rule_name_parts, task_rule
from medmat_explorer.errors import MedmatError, RuleError, UnknownNameError
from medmat_explorer.store.versions import write_atomically, writing
from medmat_explorer.store.workspace import Workspace

LARGEST = 8 << 20
"""Bytes of a rule's file; one of ten thousand subsets is smaller by far."""


class OwnRules:
    """One collection's rules of readers' own. Raises CollectionError where nothing can be written."""

    def __init__(self, workspace: Workspace) -> None:
        self.folder = workspace.folder / "rules"

    def all(self) -> tuple[RelationRule, ...]:
        """The rules by name, of one name the newest first; a file that cannot be read is left out."""
        kept = [(rule, when) for _, (rule, when) in self._readable()]
        newest_first = sorted(kept, key=lambda one: one[1], reverse=True)
        in_order = sorted(newest_first, key=lambda one: rule_name_parts(one[0].name)[0].casefold())
        return tuple(rule for rule, _ in in_order)

    def newest(self) -> tuple[RelationRule, ...]:
        """Of each name the rule that was kept last."""
        found: dict[str, RelationRule] = {}
        for rule in self.all():
            found.setdefault(rule_name_parts(rule.name)[0], rule)
        return tuple(found.values())

    def named(self, text: str) -> RelationRule:
        """The rule called `name@1a2b3c4d`, or the newest one of a bare name. Raises UnknownNameError."""
        name, mark = rule_name_parts(text)
        kept = self.newest() if not mark else self.all()
        for rule in kept:
            if rule.name == f"{name}@{mark}" or (not mark and rule_name_parts(rule.name)[0] == name):
                return rule
        hint = "A rule of one's own is kept beside a collection, where it was made."
        raise UnknownNameError("relation rule", text, [*RULES, *(rule.name for rule in kept)], hint)

    def keep(self, rule: RelationRule) -> None:
        """Keeps a rule under its name; the same once more becomes the newest of its name."""
        stored = {
            "name": rule_name_parts(rule.name)[0],
            "base": rule.base,
            "tasks": dict(rule.own_tasks),
            "task_names": dict(rule.task_names),
            "reason": rule.reason,
            "kept": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}",
        }
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file(rule.name), json.dumps(stored, indent=1, ensure_ascii=False).encode())

    def delete(self, identity: str) -> None:
        """Forgets the rule called `name@1a2b3c4d`; none of that name is as well. Others of its name stay."""
        with writing(self.folder):
            self._file(identity).unlink(missing_ok=True)

    def unreadable(self) -> tuple[Path, ...]:
        """Files among the rules that are none, or not what their name says."""
        readable = {file for file, _ in self._readable()}
        return tuple(sorted(file for file in self.folder.glob("*.json") if file not in readable))

    def _file(self, identity: str) -> Path:
        return self.folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:16]}.json"

    def _readable(self) -> Iterator[tuple[Path, tuple[RelationRule, str]]]:
        for file in sorted(self.folder.glob("*.json")):
            try:
                read = _read(file, file.stat().st_mtime_ns)
            except (OSError, ValueError, KeyError, TypeError, AttributeError, MedmatError):
                continue
            if self._file(read[0].name) == file:
                yield file, read


def find_rule(text: str, rules: OwnRules | None = None, *, merge_areas: bool = False) -> RelationRule:
    """A rule that comes with the program, or one of a reader's own among `rules`. Raises UnknownNameError."""
    if text in RULES or rules is None:
        return rule_named(text, merge_areas=merge_areas)
    return replace(rules.named(text), merge_areas=merge_areas)


@lru_cache(maxsize=256)
def _read(file: Path, changed: int) -> tuple[RelationRule, str]:
    """A rule with when it was kept; read once for each time that the file was written."""
    if file.stat().st_size > LARGEST:
        raise RuleError(f"'{file}' is too large to be a rule.")
    stored = json.loads(file.read_text("utf-8"))
    tasks = {str(number): str(task) for number, task in stored["tasks"].items()}
    names = {str(old): str(new) for old, new in stored["task_names"].items()}
    rule = task_rule(str(stored["name"]), str(stored["base"]), tasks, names, str(stored["reason"]))
    return rule, str(stored["kept"])

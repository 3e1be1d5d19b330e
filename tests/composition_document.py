"""The generated tables of docs/composition.md: what the engine makes of every published row.

`python -m tests.composition_document` writes them anew; tests/test_derivation.py compares.
"""

import re
from collections.abc import Iterable, Sequence

from medmat_explorer.charts.evidence_table import direction_lines
from medmat_explorer.charts.figure4_table import count_lines, figure4_counts
from medmat_explorer.charts.published import evidence_of, span, verdict_words, weighed, where
from medmat_explorer.domain.derivation import Derivation, derive
from medmat_explorer.evaluation.composition_evidence import by_direction
from medmat_explorer.paper.facts import CompositionRow, composition_rows, subsets
from tests.conftest import ROOT

DOCUMENT = ROOT / "docs" / "composition.md"
COMMAND = "python -m tests.composition_document"


def tables() -> dict[str, str]:
    """Every generated table by its name in the document."""
    derived = [(row, derive(row, subsets())) for row in composition_rows()]
    return {
        "rows": table(
            ("Row", "Printed", "Read as", "Direction", "Given by", "Other readings given"),
            map(line, *zip(*derived, strict=True)),
        ),
        "not derived": table(("Row", "Read as", "Why not", "Readings that are"), not_derived(derived)),
        "figure 4": as_table(count_lines(figure4_counts())),
        "directions": as_table(direction_lines(by_direction(weighed(r for r in composition_rows() if r.table == "3")))),
        "beyond noise": table(("Row", "n", "Trained", "Better baseline", "Gain", "95 %", "z", "Verdict"), sized()),
    }


def line(row: CompositionRow, derivation: Derivation) -> tuple[str, ...]:
    others = "; ".join(f"{words} ({short(names)})" for words, names in derivation.otherwise)
    nothing = f"none of {derivation.tried}" if derivation.tried else ""
    printed = f"{row.related_labels} → {row.target_label}"
    return where(row), printed, read_as(row), row.direction, short(derivation.as_mapped) or "none", others or nothing


def not_derived(derived: Iterable[tuple[CompositionRow, Derivation]]) -> Iterable[tuple[str, ...]]:
    """One line for each combination; rows that repeat it stand together."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row, derivation in derived:
        if derivation.reason:
            others = "; ".join(words for words, _ in derivation.otherwise) or "none"
            found.setdefault((read_as(row), derivation.reason, others), []).append(place(row))
    return [(", ".join(places), *rest) for rest, places in found.items()]


def sized() -> Iterable[tuple[str, ...]]:
    """The rows of Table 3 whose test size is known."""
    for row in composition_rows():
        evidence = evidence_of(row)
        if row.table == "3" and evidence.low is not None and evidence.high is not None and evidence.z is not None:
            numbers = (f"{row.test_size}", f"{row.trained:g}", f"{evidence.best_baseline:g}")
            gain = (f"{evidence.gain_over_best:+g}", span((evidence.low, evidence.high), "+"), f"{evidence.z:.2f}")
            yield (where(row), *numbers, *gain, verdict_words(evidence))


def short(names: Sequence[str]) -> str:
    """Names of rules; `areas merged` is said only where it makes a difference."""
    merged = {name.removesuffix(", areas merged") for name in names if name.endswith(", areas merged")}
    plain = [name for name in names if not name.endswith(", areas merged")]
    said = [name if name in merged else f"{name} unless areas are merged" for name in plain]
    return ", ".join([*said, *(f"{name} with areas merged" for name in sorted(merged - set(plain)))])


def read_as(row: CompositionRow) -> str:
    return f"{' + '.join(row.related)} → {row.target}"


def place(row: CompositionRow) -> str:
    """Where it stands; rows without a number are told apart by their backbone."""
    return where(row) if row.row else f"{where(row)} ({row.backbone})"


def as_table(lines: Sequence[dict[str, object]]) -> str:
    return table(tuple(lines[0]), ([str(value) for value in one.values()] for one in lines))


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def filled(text: str) -> str:
    """The document with every generated table as it is now."""
    made = tables()

    def replaced(found: re.Match[str]) -> str:
        return f"{found[1]}\n{made[found['name']]}\n{found[4]}"

    return re.sub(r"(<!-- table: (?P<name>[^>]+?) -->)(.*?)(<!-- end of table -->)", replaced, text, flags=re.DOTALL)


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8")), "utf-8")

"""The ways in which a plan puts each item: as it is, and as its controls change it."""

from collections.abc import Iterator, Sequence

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.controls import ControlFacts, control_questions, own_wording
from medmat_explorer.evaluation.run_record import MAIN, ControlName, SpotCheckPlan
from medmat_explorer.evaluation.variant import Variant


def variants(items: Sequence[QAItem], plan: SpotCheckPlan, facts: ControlFacts | None = None) -> Iterator[Variant]:
    """All items as they are first, so that cards appear at once; then control by control.

    An item's rotations stand side by side, so that its picture is read once for all of them. An item that a control
    cannot change is left out there: the control's n says so. Raises RunError where a control needs facts that are not
    known.
    """
    facts = facts or ControlFacts()
    known = facts.wordings_of if ControlName.WORDINGS in plan.controls else {}
    yield from (Variant(MAIN, item, wording=own_wording(item, known.get(item.subset, ()))) for item in items)
    for name in plan.controls:
        yield from control_questions(name, items, plan.seed, facts).variants

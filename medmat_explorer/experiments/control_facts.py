"""What some controls have to know of a collection: the modality of each subset, and how its question is worded."""

from collections.abc import Iterable

from medmat_explorer.domain.question_wordings import WORDINGS, six_wordings
from medmat_explorer.domain.subset import Subset
from medmat_explorer.evaluation.controls import ControlFacts
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.crosstabs import count_wordings


def control_facts(catalog: Catalog, subsets: Iterable[str]) -> ControlFacts:
    """The facts for these subsets of the collection; numbers that have no items are left out.

    A subset's wordings are its own, the most frequent first and at most six, filled up to six by wordings derived from
    its triple where the release holds fewer.
    """
    wanted = set(subsets)
    known = [subset for subset in catalog.subsets() if subset.number in wanted]
    return ControlFacts(
        modality_of={subset.number: subset.triplet.modality for subset in known},
        wordings_of={subset.number: _wordings(catalog, subset) for subset in known},
    )


def _wordings(catalog: Catalog, subset: Subset) -> tuple[str, ...]:
    asked = [question.strip() for question, _ in count_wordings(catalog.connection, subset.number) if question.strip()]
    return six_wordings(subset.triplet, list(dict.fromkeys(asked))[:WORDINGS])

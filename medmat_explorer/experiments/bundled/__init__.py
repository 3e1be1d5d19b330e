"""The bundled backbone `phantom-llava`: a tiny LLaVA trained from nothing on the synthetic phantoms."""

from medmat_explorer.experiments.bundled.card import choose, read_card
from medmat_explorer.experiments.bundled.figures import measure
from medmat_explorer.experiments.bundled.recipe import DEFAULT_MINUTES
from medmat_explorer.experiments.bundled.training import TrainingReport, train

__all__ = ["DEFAULT_MINUTES", "TrainingReport", "choose", "measure", "read_card", "train"]

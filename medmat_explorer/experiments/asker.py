"""Whoever questions can be put to: the backbone's process on this machine, or many of them over a cluster."""

from collections.abc import Sequence
from typing import Protocol

from medmat_explorer.backbones.contract import Question
from medmat_explorer.backbones.job import Job, OnEnd, OnReply
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.worker import WorkerState


class Asker(Protocol):
    """A loaded backbone, wherever it is. `BackboneWorker` is one."""

    @property
    def ref(self) -> BackboneRef | None:
        """Which backbone was loaded last."""

    @property
    def state(self) -> WorkerState:
        """Where it stands now."""

    def submit(
        self,
        questions: Sequence[Question],
        on_reply: OnReply | None = None,
        on_end: OnEnd | None = None,
        revision: str = "",
        owner: str = "",
    ) -> Job:
        """Queues questions; with a `revision` only exactly that one may answer. Raises BackboneError."""

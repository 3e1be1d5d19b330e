"""Whose turn it is in a backbone's process: owners in turn, the jobs of one owner in order.

A turn is one batch, so that a job of thousands of questions holds nobody up: both it and a small one move.
"""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Work = TypeVar("Work")


class Turns(Generic[Work]):
    """Jobs by owner."""

    def __init__(self) -> None:
        self._owners: deque[str] = deque()
        self._jobs: dict[str, deque[Work]] = {}

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._owners)

    def add(self, owner: str, job: Work) -> None:
        """A further job, behind those of its owner; a new owner comes behind the others."""
        if owner not in self._jobs:
            self._jobs[owner] = deque()
            self._owners.append(owner)
        self._jobs[owner].append(job)

    def next(self) -> Work:
        """The job whose turn it is; the owner comes again after all others. There must be one."""
        self._owners.rotate(-1)
        return self._jobs[self._owners[-1]][0]

    def remove(self, job: Work) -> None:
        """A job is over."""
        for owner, jobs in self._jobs.items():
            if job in jobs:
                jobs.remove(job)
                if not jobs:
                    self._owners.remove(owner)
                    del self._jobs[owner]
                return

    def __iter__(self) -> Iterator[Work]:
        """All jobs, whoever asked."""
        return (job for jobs in self._jobs.values() for job in jobs)

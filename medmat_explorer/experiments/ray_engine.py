"""The same questions spread over a Ray cluster: each worker loads the backbone once, answers flow back as they come.

Everything is stored by the one process that asks, exactly as when the backbone runs beside it: a run over a cluster can
be taken up on one machine and the other way round. Pictures are read by the workers, so they must lie under the same
paths on every machine of the cluster; a worker that does not see one ends the run rather than call it missing.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

from medmat_explorer.backbones.contract import Loaded, LoadOptions, Question, Reply
from medmat_explorer.backbones.job import Job, OnEnd, OnReply
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.backbones.worker import BackboneWorker, Phase, WorkerState
from medmat_explorer.errors import BackboneError
from medmat_explorer.experiments.blocking_spot_check import Open, Progress

SHARD = 32
"""Questions that a worker is sent at once: enough for its batches, few enough that little is asked again."""
AHEAD = 2
"""Shards that each worker has, so that it never waits for the next."""
LOADING_SECONDS = 3600
LOOK_SECONDS, CLOSING_SECONDS = 0.5, 5
OWN_STORE_BYTES = 80 * 1024 * 1024
"""Memory for what travels in a cluster that is started here; questions and answers are a few kilobytes."""
log = logging.getLogger("medmat_explorer")
NOT_HERE = "Ray is not installed: install medmat-explorer[ray], or leave out --engine."


class RayShardWorker:
    """Lives on a machine of the cluster, in a process of Ray's, and holds one backbone in a process beside it."""

    def __init__(self, ref: BackboneRef, options: LoadOptions) -> None:
        self._worker = BackboneWorker()
        self._worker.start(ref, options)

    def loaded(self) -> Loaded:
        """Waits until it has loaded. Raises BackboneError when it cannot."""
        return self._worker.wait_until_loaded(LOADING_SECONDS)

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """The replies to a shard. Raises BackboneError when the backbone stops, or a picture is not on this machine."""
        if absent := next((q.picture for q in questions if not q.picture.exists()), None):
            raise BackboneError(f"A worker does not see {absent}: let every machine see the pictures under one path.")
        job = self._worker.submit(questions)
        job.wait()
        if job.error:
            raise BackboneError(job.error)
        return job.poll()

    def close(self) -> None:
        """Ends the backbone's process."""
        self._worker.unload()


class RayWorkers:
    """Workers over a cluster as one backbone: questions are put to it as to a `BackboneWorker`."""

    def __init__(self, ref: BackboneRef, actors: Sequence[Any], loaded: Loaded) -> None:
        self.ref: BackboneRef | None = ref
        self._actors = list(actors)
        self._state = WorkerState(Phase.READY, backbone=ref.id, loaded=loaded)

    @property
    def state(self) -> WorkerState:
        """Loaded, as long as this object lives."""
        return self._state

    def submit(
        self,
        questions: Sequence[Question],
        on_reply: OnReply | None = None,
        on_end: OnEnd | None = None,
        revision: str = "",
        owner: str = "",
    ) -> Job:
        """Shares the questions out, in shards that each worker fetches when it has room.

        Raises BackboneError when another revision is wanted than the one loaded.
        """
        loaded = self._state.loaded
        if revision and (loaded is None or loaded.revision != revision):
            raise BackboneError(f"The backbone {revision} is no longer loaded: load it and ask again.")
        stopped = threading.Event()
        job = Job(len(questions), lambda _: stopped.set(), on_reply, on_end)
        job.position = 0
        shards = [list(questions[start : start + SHARD]) for start in range(0, len(questions), SHARD)]
        threading.Thread(target=_share_out, args=(job, shards, self._actors, stopped), daemon=True).start()
        return job


def over_ray(workers: int = 0) -> Open:
    """Loads a backbone on `workers` workers of the cluster at RAY_ADDRESS, or of one started on this machine.

    0 is one a GPU of the cluster, or one where it has none. What was started here is ended here; a cluster that was
    there stays as it was. Raises BackboneError without Ray, without room for the workers, or when one cannot load.
    """

    @contextmanager
    def opened(ref: BackboneRef, options: LoadOptions | None, progress: Progress) -> Iterator[RayWorkers]:
        if find_spec("ray") is None:
            raise BackboneError(NOT_HERE)
        if problem := ref.problem:
            raise BackboneError(problem)
        progress("Joining the cluster.", 0, 0)
        with _cluster(workers), _actors(ref, options or LoadOptions(), workers) as actors:
            yield RayWorkers(ref, actors, _all_loaded(actors, progress))

    return opened


@contextmanager
def _cluster(workers: int) -> Iterator[None]:
    """Joins the cluster that RAY_ADDRESS names, else starts one here and ends it, its files included.

    A cluster of our own listens on every interface, as Ray does: who does not know its token is refused. Nothing is
    told to Ray's makers, which a cluster does that is not told otherwise. Raises BackboneError when it cannot join.
    """
    own = not os.environ.get("RAY_ADDRESS")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if own:
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", token_hex(32))
    import ray

    with TemporaryDirectory(prefix="medmat-ray-", ignore_cleanup_errors=True) as folder:
        started = {"num_cpus": workers or None, "object_store_memory": OWN_STORE_BYTES, "_temp_dir": folder}
        more: dict[str, Any] = {"address": "local", "include_dashboard": False, **started} if own else {}
        try:
            ray.init(log_to_driver=False, logging_level="error", **more)
        except (ConnectionError, OSError, RuntimeError, ValueError) as error:
            raise BackboneError(f"The Ray cluster cannot be joined: {str(error).splitlines()[0]}") from error
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def _actors(ref: BackboneRef, options: LoadOptions, workers: int) -> Iterator[list[Any]]:
    """The workers, each of which is let go of in the end."""
    actors = _started(ref, options, workers)
    try:
        yield actors
    finally:
        _end(actors)


def _started(ref: BackboneRef, options: LoadOptions, workers: int) -> list[Any]:
    import ray

    room = ray.cluster_resources()
    gpus = int(room.get("GPU", 0)) if options.device == "auto" or options.device.startswith("cuda") else 0
    wanted, place = workers or gpus or 1, {"num_gpus": 1} if gpus else {"num_cpus": 1}
    there = gpus or int(room.get("CPU", 0))
    if wanted > there:
        kind = "GPUs" if gpus else "CPUs"
        raise BackboneError(f"{wanted} workers need as many {kind}, and the cluster has {there}: ask for fewer.")
    remote = ray.remote(**place)(RayShardWorker)
    return [remote.remote(ref, options) for _ in range(wanted)]


def _all_loaded(actors: Sequence[Any], progress: Progress) -> Loaded:
    """Waits for all of them. Raises BackboneError where one died, or they loaded different weights."""
    import ray
    from ray.exceptions import RayActorError

    waiting = [actor.loaded.remote() for actor in actors]
    every = list(waiting)
    while waiting:
        progress("Loading on the cluster.", len(every) - len(waiting), len(every))
        _, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=LOOK_SECONDS)
    try:
        found = [_result(one) for one in every]
    except RayActorError as error:
        raise BackboneError(
            "A worker of the cluster died while it loaded: see Ray's logs, or ask for fewer."
        ) from error
    if len({(one.revision, one.dtype, one.bits, one.adapter) for one in found}) > 1:
        raise BackboneError("The workers did not load the same weights: give every machine the same files.")
    first: Loaded = found[0]
    return first


def _share_out(job: Job, shards: Sequence[Sequence[Question]], actors: list[Any], stopped: threading.Event) -> None:
    """Runs in a thread of its own until everything is answered, nobody wants more, or no worker is left."""
    try:
        _ask_all(job, deque(shards), actors, stopped)
    except BackboneError as error:
        job.end(str(error))
    except Exception as error:
        log.exception("The Ray cluster stopped answering.")
        job.end(f"The Ray cluster stopped answering ({type(error).__name__}). Take the run up with --resume.")
    else:
        job.end()


def _ask_all(job: Job, left: "deque[Sequence[Question]]", actors: list[Any], stopped: threading.Event) -> None:
    import ray
    from ray.exceptions import RayActorError

    asked: dict[Any, tuple[Any, Sequence[Question]]] = {}
    while (left or asked) and not stopped.is_set():
        for actor in actors:
            busy = sum(one is actor for one, _ in asked.values())
            for _ in range(min(AHEAD - busy, len(left))):
                shard = left.popleft()
                asked[actor.answer.remote(shard)] = actor, shard
        ready, _ = ray.wait(list(asked), timeout=LOOK_SECONDS)
        for one in ready:
            actor, shard = asked.pop(one)
            try:
                replies = _result(one)
            except RayActorError:
                left.appendleft(shard)  # of a dead worker: the others take it over
                actors[:] = [other for other in actors if other is not actor]
                if not actors:
                    raise BackboneError("Every worker of the cluster died. Take the run up with --resume.") from None
                continue
            for reply in replies:
                job.take(reply)


def _result(reference: Any) -> Any:
    """What a worker returned. Raises BackboneError for what went wrong in it, RayActorError when it died."""
    import ray
    from ray.exceptions import RayTaskError

    try:
        return ray.get(reference)
    except RayTaskError as error:
        if isinstance(error.cause, BackboneError):
            raise BackboneError(str(error.cause)) from error
        raise


def _end(actors: Sequence[Any]) -> None:
    """Lets each end its backbone, which it holds in a process of its own."""
    import ray

    if actors:
        ray.wait([actor.close.remote() for actor in actors], num_returns=len(actors), timeout=CLOSING_SECONDS)
    for actor in actors:
        ray.kill(actor)

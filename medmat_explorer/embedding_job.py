"""The pictures of a collection become vectors: an encoder in a process of its own, its answers kept as they come.

Torch is never loaded here: a web server can run this in a thread.
"""

import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.encoder_ref import EncoderRef
from medmat_explorer.backbones.encoder_worker import Encoded, EncoderWorker
from medmat_explorer.backbones.vision_encoder import EncoderFacts
from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.domain.progress import Report
from medmat_explorer.errors import BackboneError
from medmat_explorer.store.embedding_writer import (
    SeenImage,
    VectorWriter,
    WaitingImage,
    adding_vectors,
    refuse_second_writer,
)
from medmat_explorer.store.embeddings import EncoderRecord, content_name, known_rate
from medmat_explorer.store.versions import find_version

LOADING, ENCODING = "Loading the encoder", "Encoding pictures"
LOAD_SECONDS = 600.0
CHUNK_SECONDS = 600.0
IN_FLIGHT = 3
KEEP_AFTER = 512
"""Images that are taken in before they are put on disk."""

FEW = 64
"""A rate over fewer pictures is not worth keeping."""


@dataclass(frozen=True)
class EmbeddingReport:
    """What a run did to the images of a collection.

    `encoded` went through the encoder, `copied` have a content that had a vector, `already` had been seen before,
    `refused` counts images that cannot be opened, by reason; `left` were not reached.
    """

    collection: str
    encoder: str
    slug: str
    dimensions: int
    device: str
    images: int
    encoded: int
    copied: int
    already: int
    left: int
    refused: dict[str, int]
    seconds: float
    pictures_per_second: float

    def as_json(self) -> dict[str, Any]:
        """For the command line."""
        return asdict(self)


def embed_collection(
    name: str,
    home: Path,
    ref: EncoderRef,
    options: LoadOptions,
    *,
    progress: Report,
    should_stop: Callable[[], bool] = lambda: False,
    limit: int = 0,
) -> EmbeddingReport:
    """Encodes every image that has no vector of its present content, or with a `limit` that many of them.

    What was done is kept when it is stopped or killed; calling it again goes on from there. Raises UnknownNameError
    for a collection that does not exist, CollectionError when one is being encoded or cannot be written, BackboneError
    when the encoder cannot be loaded or stops.
    """
    version = find_version(name, home)
    refuse_second_writer(version)
    progress(LOADING, 0, 0)
    worker = EncoderWorker(ref, options)
    try:
        facts = _loaded(worker, should_stop)
        if facts is None:
            return EmbeddingReport(name, ref.id, ref.slug, 0, "", 0, 0, 0, 0, 0, {}, 0.0, 0.0)
        rate = known_rate(home, ref.slug)
        record = EncoderRecord(ref.slug, ref.id, ref.title, ref.revision, facts.dimensions, facts.pooled, rate)
        with adding_vectors(version, record) as writer:
            run = _Run(writer, worker, version.root_of, progress, should_stop, limit)
            run.all_images()
            if run.encoded >= FEW:
                replace(record, pictures_per_second=run.rate).keep(version.folder)
        return run.report(name, ref, facts)
    finally:
        worker.close()


def _loaded(worker: EncoderWorker, should_stop: Callable[[], bool]) -> EncoderFacts | None:
    """The encoder's facts once it is there; None when it was stopped before."""
    deadline = time.monotonic() + LOAD_SECONDS
    while not should_stop():
        try:
            return worker.wait_until_loaded(0.2)
        except BackboneError:
            if worker.error or time.monotonic() > deadline:
                raise
    return None


@dataclass
class _Run:
    """One pass over the images, with a few requests on their way at a time."""

    writer: VectorWriter
    worker: EncoderWorker
    root_of: Callable[[str], Path]
    progress: Report
    should_stop: Callable[[], bool]
    limit: int
    done: int = 0
    encoded: int = 0
    copied: int = 0
    already: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    busy: float = 0.0
    """Seconds since the first picture was sent."""

    def __post_init__(self) -> None:
        self.total = self.writer.total()
        self._began: float | None = None
        self._sent: deque[tuple[list[WaitingImage], Future[list[Encoded]]]] = deque()
        self._asked = 0

    @property
    def rate(self) -> float:
        """Pictures a second through opening and encoding."""
        return (self.encoded + sum(self.refused.values())) / self.busy if self.busy else 0.0

    def all_images(self) -> None:
        """Goes through the queue; what came in is on disk at the end, also when an error ends it."""
        try:
            for number, waiting in self.writer.queue():
                self._tell(number - len(waiting))
                self.already += number - len(waiting)
                self._send(self._without_known(waiting))
                while len(self._sent) >= IN_FLIGHT:
                    self._take()
                if self.should_stop() or self._is_enough:
                    break
            while self._sent and not self.should_stop():
                self._take()
        finally:
            self.writer.flush()
        self.writer.join()

    def report(self, name: str, ref: EncoderRef, facts: EncoderFacts) -> EmbeddingReport:
        """What was done."""
        return EmbeddingReport(
            collection=name,
            encoder=ref.id,
            slug=ref.slug,
            dimensions=facts.dimensions,
            device=facts.device,
            images=self.total,
            encoded=self.encoded,
            copied=self.copied,
            already=self.already,
            left=self.total - self.done,
            refused=dict(sorted(self.refused.items())),
            seconds=round(self.busy, 3),
            pictures_per_second=round(self.rate, 1),
        )

    @property
    def _is_enough(self) -> bool:
        return bool(self.limit) and self._asked >= self.limit

    def _without_known(self, waiting: list[WaitingImage]) -> list[WaitingImage]:
        """Takes in at once what has the content of another picture; returns the others."""
        known = self.writer.known([content_name(one.sha256) for one in waiting if one.sha256])
        copies = [one for one in waiting if one.sha256 and content_name(one.sha256) in known]
        self.writer.add([SeenImage(one, one.sha256) for one in copies])
        self.copied += len(copies)
        self._tell(len(copies))
        others = [one for one in waiting if not (one.sha256 and content_name(one.sha256) in known)]
        return others[: max(0, self.limit - self._asked)] if self.limit else others

    def _send(self, waiting: list[WaitingImage]) -> None:
        if waiting:
            self._began = self._began or time.monotonic()
            self._asked += len(waiting)
            together: dict[Path, list[WaitingImage]] = {}
            for one in waiting:
                together.setdefault(self.root_of(one.image), []).append(one)
            for root, images in together.items():
                self._sent.append((images, self.worker.encode(root, [one.image for one in images])))

    def _take(self) -> None:
        """The oldest request's answer; gives up when a stop is wanted."""
        waiting, future = self._sent.popleft()
        deadline = time.monotonic() + CHUNK_SECONDS
        while True:
            try:
                results = future.result(0.2)
                break
            except TooLate:
                if self.should_stop():
                    return
                if time.monotonic() > deadline:
                    raise BackboneError(
                        f"The encoder gave no answer for {CHUNK_SECONDS:.0f} seconds; what was done is kept."
                    ) from None
        seen = [
            SeenImage(image, one.sha256, one.reason, one.vector) for image, one in zip(waiting, results, strict=True)
        ]
        self.writer.add(seen)
        self.encoded += sum(one.vector is not None for one in seen)
        self.refused.update(one.reason.split(":")[0] for one in seen if one.vector is None)
        self._tell(len(seen))
        if self.writer.waiting >= KEEP_AFTER:
            self.writer.flush()

    def _tell(self, more: int) -> None:
        self.done += more
        self.busy = time.monotonic() - self._began if self._began else 0.0
        self.progress(ENCODING, self.done, self.total)


class BackgroundEmbedding(BackgroundWork):
    """One run; stopped, the vectors that stand already stay."""

    what = "Encoding the pictures"

    def __init__(self, name: str, home: Path, ref: EncoderRef, options: LoadOptions, limit: int = 0) -> None:
        super().__init__(LOADING)
        self.name, self.ref = name, ref
        self.report: EmbeddingReport | None = None
        self._wish = (home, options, limit)
        self.begin()

    def work(self) -> None:
        """Encodes what has no vector yet."""
        home, options, limit = self._wish
        self.report = embed_collection(
            self.name, home, self.ref, options, progress=self.told, should_stop=self.is_stopped, limit=limit
        )


def estimated_seconds(home: Path, slug: str, images: int) -> float | None:
    """How long so many images will take, by what this encoder made here before; None where it never ran."""
    rate = known_rate(home, slug)
    return images / rate if rate else None

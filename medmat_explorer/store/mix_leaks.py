"""Which pictures of a collection are pictures of a target: the same file, the same content, nearly so, or mirrored.

Contents are known of images that the image check has looked at; near and mirrored ones once the search for duplicates
has been done. What was never looked for is said (`LeakKnowledge`), since a mix cannot be clean of it.
"""

from dataclasses import dataclass
from enum import StrEnum

import duckdb
import numpy as np
import numpy.typing as npt

from medmat_explorer.domain.training_mix import LeakRule
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.connection import opening
from medmat_explorer.store.duplicates import PICTURES, search_record, seen_images, states_query
from medmat_explorer.store.image_states import batches


class Removed(StrEnum):
    """Why an item is not in a mix; the first that holds is said."""

    NOT_TRAINING = "not-training"
    TARGET_ITEM = "target-item"
    TARGET_DATASET = "target-dataset"
    SAME_FILE = "same-file"
    SAME_CONTENT = "same-content"
    NEAR = "near"
    MIRRORED = "mirrored"
    OTHER_SUBSET = "other-subset"
    NO_PICTURE = "no-picture"


REASONS: dict[Removed, str] = {
    Removed.NOT_TRAINING: "stands in a test split",
    Removed.TARGET_ITEM: "is an item of the target",
    Removed.TARGET_DATASET: "is of a data set of the target, under another number",
    Removed.SAME_FILE: "its image file is one of the target's",
    Removed.SAME_CONTENT: "its image has the same content as one of the target's",
    Removed.NEAR: "its image looks nearly like one of the target's",
    Removed.MIRRORED: "its image is nearly the mirror image of one of the target's",
    Removed.OTHER_SUBSET: "is of a subset that this mix does not draw from",
    Removed.NO_PICTURE: "its image is missing or unreadable, and the pictures are to be copied",
}
LEAKS = frozenset(
    {
        Removed.TARGET_ITEM,
        Removed.TARGET_DATASET,
        Removed.SAME_FILE,
        Removed.SAME_CONTENT,
        Removed.NEAR,
        Removed.MIRRORED,
    }
)
"""The reasons that have to do with the target."""

ORDER = tuple(Removed)
"""A reason's place here is its number in arrays."""

SAME_CONTENT = """
INSERT INTO alike SELECT image_id, {number} FROM pictures
WHERE content IN (SELECT content FROM pictures JOIN target_images USING (image_id))
"""
PAIRED = """
CREATE OR REPLACE TEMP TABLE paired AS
SELECT DISTINCT a.look AS look, b.look AS other, kind
FROM (SELECT image_a, image_b, kind FROM read_parquet($pairs) WHERE kind <> 'exact'
      UNION ALL SELECT image_b, image_a, kind FROM read_parquet($pairs) WHERE kind <> 'exact')
JOIN pictures a ON a.image_id = image_a JOIN pictures b ON b.image_id = image_b
WHERE a.look IS NOT NULL AND b.look IS NOT NULL
"""
NEARLY_ALIKE = """
INSERT INTO alike WITH target_looks AS (
    SELECT DISTINCT look FROM pictures JOIN target_images USING (image_id) WHERE look IS NOT NULL
), banned AS (
    SELECT look, 'near' AS kind FROM target_looks
    UNION SELECT other, kind FROM paired JOIN target_looks USING (look)
)
SELECT image_id, if(kind = 'near', {near}, {mirrored}) FROM pictures JOIN banned USING (look)
UNION ALL SELECT image_b, if(kind = 'near', {near}, {mirrored}) FROM read_parquet($pairs)
WHERE kind <> 'exact' AND image_a IN (SELECT image_id FROM target_images)
UNION ALL SELECT image_a, if(kind = 'near', {near}, {mirrored}) FROM read_parquet($pairs)
WHERE kind <> 'exact' AND image_b IN (SELECT image_id FROM target_images)
"""
"""A look stands for all contents that have it, and pairs name only some of these: so pairs are read as pairs of looks.
Images whose look is no longer known go by the pairs that name them."""

NO_PICTURE = "SELECT image_id FROM ({states}) WHERE state IN ('missing', 'unreadable') ORDER BY image_id"
FOUND = "SELECT image_id, min(reason)::BIGINT AS reason FROM alike GROUP BY image_id ORDER BY image_id"


@dataclass(frozen=True)
class LeakKnowledge:
    """How far duplicates of the target's pictures can be known of: `images` in the collection, of these `checked`.

    `searched` says whether the search for duplicates was done, `stale` whether more is known of images since.
    """

    images: int = 0
    checked: int = 0
    searched: bool = False
    stale: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all was looked for."""
        return not self.sentences

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was not looked for, in words; nothing where all was."""
        said = []
        if not self.searched:
            said.append("Near duplicates were not looked for: run the search on the Data page.")
        elif self.stale:
            said.append("Images were checked since the last search for duplicates: look again on the Data page.")
        if self.checked < self.images:
            said.append(
                f"{self.images - self.checked:,} of {self.images:,} images could not be compared (not there, "
                "unreadable or not checked yet): of these only copies under the same path are found."
            )
        return tuple(said)


@dataclass(frozen=True)
class TargetPictures:
    """Images that a mix must not hold: ids in order, the number of the reason of each, and how far that is known.

    `unreadable` are the ids, in order, of all images that the image check found missing or unreadable.
    """

    images: npt.NDArray[np.int64]
    reasons: npt.NDArray[np.int64]
    knowledge: LeakKnowledge
    unreadable: npt.NDArray[np.int64]

    def reason_of(self, images: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The reason's number for each of these images; -1 where there is none."""
        if not len(self.images):
            return np.full(len(images), -1, np.int64)
        at = np.minimum(np.searchsorted(self.images, images), len(self.images) - 1)
        return np.where(self.images[at] == images, self.reasons[at], -1)


def find_target_pictures(catalog: Catalog, target_images: npt.NDArray[np.int64], rule: LeakRule) -> TargetPictures:
    """All images of the collection that are a picture of the target, whose image ids are given, under the rule."""
    version = catalog.files
    record = search_record(version)
    with catalog.connection.cursor() as cursor, opening(version):
        cursor.execute("CREATE TEMP TABLE alike (image_id BIGINT, reason INTEGER)")
        _take_in(cursor, np.unique(target_images))
        is_checked = bool(batches(version.images))
        states, parameters = states_query(version)
        if is_checked:
            cursor.execute(PICTURES.format(states=states), parameters)
            cursor.execute(SAME_CONTENT.format(number=ORDER.index(Removed.SAME_CONTENT)))
        if is_checked and record is not None and rule is LeakRule.NEAR:
            numbers = {"near": ORDER.index(Removed.NEAR), "mirrored": ORDER.index(Removed.MIRRORED)}
            cursor.execute(PAIRED, {"pairs": str(version.pairs)})
            cursor.execute(NEARLY_ALIKE.format(**numbers), {"pairs": str(version.pairs)})
        found = cursor.execute(FOUND).fetchnumpy()
        unreadable = cursor.execute(NO_PICTURE.format(states=states), parameters).fetchnumpy()["image_id"]
    counts = catalog.summary().images
    knowledge = LeakKnowledge(
        images=sum(counts.values()),
        checked=counts["ok"],
        searched=record is not None,
        stale=record is not None and record.mark != seen_images(version).mark,
    )
    images, reasons = (np.asarray(found[name], dtype=np.int64) for name in ("image_id", "reason"))
    return TargetPictures(images, reasons, knowledge, np.asarray(unreadable, dtype=np.int64))


def _take_in(cursor: duckdb.DuckDBPyConnection, images: npt.NDArray[np.int64]) -> None:
    """The target's own images: a table of their own, and the first rows of `alike`."""
    cursor.register("given_images", {"image_id": images})
    cursor.execute("CREATE TEMP TABLE target_images AS SELECT image_id::BIGINT AS image_id FROM given_images")
    cursor.unregister("given_images")
    number = ORDER.index(Removed.SAME_FILE)
    cursor.execute(f"INSERT INTO alike SELECT image_id, {number} FROM target_images")

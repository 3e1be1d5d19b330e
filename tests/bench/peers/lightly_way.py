"""In LightlyStudio's own environment: load the records of a release, then one filter and its count.

python lightly_way.py RELEASE

It takes image files, not records: a small one is written for each record before the clock starts. Embeddings are
switched off. Its Python interface has no facet counts; the filter and the count alone are timed.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import lightly_studio
from lightly_studio import db_manager
from lightly_studio.core.dataset_query.image_sample_field import ImageSampleField
from PIL import Image

ROUNDS = 7


def write_pictures(root: Path, folder: Path) -> dict[str, dict[str, str]]:
    """A small picture a record; returns the record's fields by the picture's name."""
    folder.mkdir()
    fields = {}
    for path in sorted(root.glob("Aggregated_Subsets/*.json")):
        subset = path.stem.split("--")[1].split("-")[0]
        for place, record in enumerate(json.loads(path.read_bytes())):
            name = f"{subset}-{place}.jpg"
            Image.new("L", (16, 16), place % 256).save(folder / name)
            fields[name] = {"subset": subset, "letter": record["Answer-choice"], "answer": record["Answer"]}
            fields[name] |= {"dataset": record["data-no"], "question": record["Question-choice"]}
    return fields


def main() -> None:
    """Prints seconds as JSON."""
    folder = Path("pictures")
    fields = write_pictures(Path(sys.argv[1]), folder)
    db_manager.connect(db_file="lightly.db", cleanup_existing=True)
    started = time.perf_counter()
    dataset = lightly_studio.ImageDataset.create()
    dataset.add_images_from_path(path=str(folder), embed=False)
    dataset.update_metadata([(sample.sample_id, fields[sample.file_name]) for sample in dataset])
    loaded = time.perf_counter() - started
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        items = len(list(dataset.match(ImageSampleField.metadata["subset"] == "08")))
        times.append(time.perf_counter() - started)
    version = __import__("importlib.metadata").metadata.version("lightly-studio")
    print(json.dumps({"items": items, "load": loaded, "filter": statistics.median(times), "version": version}))


if __name__ == "__main__":
    main()

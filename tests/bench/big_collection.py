"""A generated collection of any size, whose items share a pool of real picture files."""

import json
from pathlib import Path

from tests.bench.bench_import import SUBSETS, records
from tests.bench.bench_thumbnails import write_sources

POOL = 3_000
SIDE = 512


def make_collection(root: Path, home: Path, count: int, *, pool: int = POOL) -> str:
    """Writes `count` records and the pool under `root`, imports them into `home`; returns the collection's name.

    Every item has a picture of its own path; folders that are links to the pool stand in for millions of files.
    """
    from medmat_explorer.collection_import import paper_facts
    from medmat_explorer.store.ingest import import_collection

    pictures = root / "med-mat" / "pool"
    if pool and not pictures.exists():
        pictures.mkdir(parents=True)
        write_sources(pictures, pool, SIDE)
        for turn in range(-(-count // pool)):
            (root / "med-mat" / f"pool-{turn}").symlink_to("pool", target_is_directory=True)
    write_records(root, count, pool)
    name = f"rows-{count}"
    import_collection(root, name, home, paper_facts())
    return name


def write_records(root: Path, count: int, pool: int) -> None:
    """The records; their pictures are taken from the pool in turn, or from nowhere when there is none."""
    folder = root / "Aggregated_Subsets"
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for place, subset in enumerate(SUBSETS):
        share = count // len(SUBSETS) + (place < count % len(SUBSETS))
        with (folder / f"Subset--{subset}-train.json").open("w", encoding="utf-8") as stream:
            stream.write("[\n")
            for position, record in enumerate(records(subset, share)):
                if pool:
                    record["image"] = f"med-mat/pool-{done // pool}/{(done * 7919) % pool}.jpg"
                done += 1
                stream.write((",\n" if position else "") + json.dumps(record))
            stream.write("\n]\n")

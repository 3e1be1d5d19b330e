"""A training mix as a folder: its items in a trainer's format, configurations, and all that it was made from.

What `export.py` writes, made lasting, and beside it

    held-out.jsonl      the target's test items, which are not trained on
    removed.csv         training items that are not in the mix, each with its reason
    ...                 configurations of trainers (`exports/training_configs.py`)

The same manifest means the same files, byte for byte.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import medmat_explorer
from medmat_explorer.domain.progress import Report
from medmat_explorer.domain.qa import item_key
from medmat_explorer.errors import ExportError, UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.export import ExportReport, Lasting, Origin, export_items, hashed_file
from medmat_explorer.store.exports import huggingface
from medmat_explorer.store.exports.csv_table import cell
from medmat_explorer.store.exports.folder import new_folder
from medmat_explorer.store.exports.formats import FORMATS, ExportFormat
from medmat_explorer.store.exports.record import PASSING, RecordReader
from medmat_explorer.store.exports.training_configs import configuration_uses, training_configs
from medmat_explorer.store.mix import DrawnMix
from medmat_explorer.store.mix_arms import ArmsDrawn
from medmat_explorer.store.mix_leaks import ORDER, REASONS

HELD_OUT, REMOVED, MANIFEST = "held-out.jsonl", "removed.csv", "manifest.json"
REMOVED_COLUMNS = ("id", "subset", "dataset", "split", "image_path", "reason", "meaning")
MIX_FORMATS: dict[str, ExportFormat] = {
    "llava": FORMATS["llava"],
    "jsonl": FORMATS["jsonl"],
    "parquet": FORMATS["parquet"],
    "hf": replace(FORMATS["hf"], writer=huggingface.chat_tables),
}
"""The folder for `datasets` has a conversation an item as well, as TRL wants it."""

BY_PLACE = "SELECT place, id, subset, dataset, split, image FROM items WHERE place IN (SELECT place FROM wanted)"
STRETCH = 100_000


@dataclass(frozen=True)
class MixReport:
    """An exported mix: the export, and the mix as it was written."""

    export: ExportReport
    drawn: DrawnMix

    def as_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        drawn = self.drawn
        return {
            "arm": drawn.mix.arm.key,
            "target": drawn.mix.target.key,
            "rule": drawn.mix.rule.name,
            "budget": drawn.mix.budget,
            "capacity": drawn.capacity,
            "items": self.export.items,
            "left_out": self.export.left_out,
            "subsets": {source.subset: source.taken for source in drawn.sources if source.taken},
            "letters": _by_text(drawn.letters),
            "leaks_removed": drawn.leaks_removed,
            "removed": drawn.removed_by_reason,
            "held_out": len(drawn.held_out),
            "warnings": list(drawn.warnings),
            "format": self.export.format,
            "folder": str(self.export.folder),
            "files": list(self.export.files),
            "seconds": round(self.export.seconds, 3),
        }


def mix_format(name: str) -> ExportFormat:
    """A format of MIX_FORMATS. Raises UnknownNameError."""
    if name not in MIX_FORMATS:
        raise UnknownNameError("format of a training mix", name, MIX_FORMATS)
    return MIX_FORMATS[name]


def export_mix(
    catalog: Catalog,
    drawn: DrawnMix,
    out: Path,
    format: str,
    *,
    images: bool = False,
    program: str = medmat_explorer.__version__,
    progress: Report = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> MixReport:
    """Writes a drawn mix into the folder `out`, which must be new or empty; with `images` its pictures are copied.

    A mix that was drawn with `pictures` has no item whose picture is known to be gone; where copying fails all the same
    and the format needs the file, the item is left out, all is counted anew, and a warning says so.

    Raises UnknownNameError for another format, ExportError when it cannot be written or no picture could be copied,
    ExportStopped when `should_stop` said yes; a stopped or killed export leaves no folder `out`.
    """
    form = mix_format(format)
    lasting = Lasting(
        lambda lost: _record(catalog, _as_written(drawn, lost), form),
        partial(_add_files, catalog, drawn, form, images),
        form,
    )
    report = export_items(
        catalog,
        drawn.places,
        out,
        format,
        origin_of(drawn),
        images=images,
        program=program,
        progress=progress,
        should_stop=should_stop,
        lasting=lasting,
    )
    return MixReport(report, drawn.without(report.lost))


def _as_written(drawn: DrawnMix, lost: Sequence[int]) -> DrawnMix:
    written = drawn.without(lost)
    if not written.items:
        raise ExportError(
            f"None of the {drawn.items:,} pictures of the mix '{drawn.mix.arm.key}' could be copied: check the images "
            "on the Data page, or export it without pictures."
        )
    return written


def export_arms(
    catalog: Catalog,
    arms: ArmsDrawn,
    out: Path,
    format: str,
    *,
    images: bool = False,
    program: str = medmat_explorer.__version__,
    progress: Report = lambda stage, done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, MixReport]:
    """Writes every arm into a folder of its own below `out`, and one manifest over all. Raises as `export_mix`."""
    mix_format(format)
    reports = {}
    with new_folder(out) as folder:
        for name, drawn in arms.mixes.items():
            reports[name] = export_mix(
                catalog,
                drawn,
                folder / name,
                format,
                images=images,
                program=program,
                progress=partial(_tell, progress, name),
                should_stop=should_stop,
            )
        (folder / MANIFEST).write_text(_arms_manifest(arms, reports, folder), "utf-8", newline="\n")
    home = Path(out).absolute()
    return {name: replace(one, export=replace(one.export, folder=home / name)) for name, one in reports.items()}


def arms_sentence(arms: ArmsDrawn, reports: Mapping[str, MixReport]) -> str:
    """Which budget and why, and where it was not kept since pictures could not be copied."""
    fewer = {name: report.export.items for name, report in reports.items() if report.drawn.lost}
    if not fewer:
        return arms.sentence
    told = ", ".join(f"{name} has {items:,}" for name, items in fewer.items())
    return (
        f"Drawn: {arms.sentence} The arms are not equal here, since pictures could not be copied: {told}. Check the "
        "images on the Data page and export again."
    )


def _tell(progress: Report, arm: str, stage: str, done: int, total: int) -> None:
    progress(f"{arm}: {stage}", done, total)


def _arms_manifest(arms: ArmsDrawn, reports: Mapping[str, MixReport], folder: Path) -> str:
    """One manifest over those of all arms, of the same form."""
    told = {name: one.export.manifest for name, one in reports.items()}
    first = next(iter(told.values()))
    counts = {key: Counter[str]() for key in ("splits", "datasets", "not_copied")}
    for one in told.values():
        counts["splits"].update(one["splits"])
        counts["datasets"].update(one["datasets"])
        counts["not_copied"].update(one["images"]["not_copied"])
    images = {key: sum(one["images"][key] for one in told.values()) for key in ("copied", "converted", "bytes")}
    words = f"all arms for the target {first['mix']['target']['key']}, at most {arms.budget:,} items each"
    files = [
        {**file, "path": f"{name}/{file['path']}"}
        for name, one in told.items()
        for file in [*one["files"], hashed_file(folder / name, MANIFEST)]
    ]
    manifest = {
        **{key: first[key] for key in ("program", "format", "collection", "sort", "seed", "versions")},
        "selection": {"words": words, "parameters": {**first["selection"]["parameters"], "arm": "all arms"}},
        **{key: sum(one[key] for one in told.values()) for key in ("items", "left_out")},
        **{key: dict(counts[key]) for key in ("splits", "datasets")},
        "images": {"wanted": first["images"]["wanted"], **images, "not_copied": dict(counts["not_copied"])},
        **arms.as_record(),
        "sentence": arms_sentence(arms, reports),
        "files": files,
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"


def origin_of(drawn: DrawnMix) -> Origin:
    """Where a mix's items come from, in words and as parameters of the address."""
    mix = drawn.mix
    words = f"{mix.arm.title} for the target {mix.target.key}, at most {mix.budget:,} items"
    parameters = {"target": mix.target.key, "arm": mix.arm.key, "rule": mix.rule.name, "budget": str(mix.budget)}
    return Origin(words, parameters, "subset", mix.seed)


def _record(catalog: Catalog, drawn: DrawnMix, form: ExportFormat) -> dict[str, Any]:
    """What the manifest says of the mix."""
    mix = drawn.mix
    titles = {subset.number: subset.title for subset in mix.subsets}
    return {
        "collection": {"items": catalog.summary().items, "fingerprint": drawn.fingerprint},
        "mix": mix.as_record(),
        "capacity": drawn.capacity,
        "sources": [
            {
                "subset": source.subset,
                "title": titles[source.subset],
                "shares": [axis.value for axis in mix.shares(source.subset).axes],
                "available": source.available,
                "removed": dict(source.removed),
                "usable": source.usable,
                "taken": source.taken,
            }
            for source in drawn.sources
        ],
        "not_here": list(drawn.not_here),
        "labels": {number: dict(counts) for number, counts in drawn.labels.items()},
        "letters": _by_text(drawn.letters),
        "options": {"mix": _by_text(drawn.options), "target": _by_text(drawn.target_options)},
        "removed": drawn.removed_by_reason,
        "held_out": len(drawn.held_out),
        "looked_for": {
            "images": drawn.knowledge.images,
            "checked": drawn.knowledge.checked,
            "near": drawn.knowledge.searched,
            "since_changed": drawn.knowledge.stale,
        },
        "warnings": list(drawn.warnings),
        "configurations": configuration_uses(form.name),
        "versions": {name: version(name) for name in ("duckdb", "numpy", "pyarrow")},
    }


def _by_text(counts: Mapping[int, Any]) -> dict[str, Any]:
    return {str(number): value for number, value in counts.items()}


def _add_files(catalog: Catalog, drawn: DrawnMix, form: ExportFormat, images: bool, folder: Path) -> None:
    for file, text in training_configs(form.name, drawn.mix.seed, images=images).items():
        (folder / file).write_text(text, "utf-8", newline="\n")
    with (folder / HELD_OUT).open("w", encoding="utf-8", newline="\n") as lines:
        for records in RecordReader(catalog).stretches(drawn.held_out):
            for record in records:
                flat = record.flat(images=False, leave_out=PASSING)
                lines.write(json.dumps(flat, ensure_ascii=False) + "\n")
    _write_removed(catalog, drawn, folder / REMOVED)


def _write_removed(catalog: Catalog, drawn: DrawnMix, file: Path) -> None:
    order = np.argsort(drawn.removed, kind="stable")
    places, reasons = drawn.removed[order], drawn.removed_reasons[order]
    with (
        file.open("w", encoding="utf-8-sig", newline="") as stream,
        catalog.connection.cursor() as cursor,
    ):
        table = csv.writer(stream, lineterminator="\r\n")
        table.writerow(REMOVED_COLUMNS)
        for start in range(0, len(places), STRETCH):
            stretch = places[start : start + STRETCH]
            cursor.register("given_places", {"place": stretch})
            cursor.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT place::BIGINT AS place FROM given_places")
            cursor.unregister("given_places")
            rows = cursor.execute(f"{BY_PLACE} ORDER BY place").fetchall()
            for (_, id_, *where), number in zip(rows, reasons[start : start + STRETCH].tolist(), strict=True):
                reason = ORDER[number]
                table.writerow([cell(value) for value in (item_key(id_), *where, reason.value, REASONS[reason])])

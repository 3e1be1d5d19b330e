"""The README of an export: what lies where, how to read it, what its fields mean, and whom to cite."""

from collections.abc import Mapping
from typing import Any

from medmat_explorer.store.exports.formats import ExportFormat
from medmat_explorer.store.exports.record import FIELDS, PASSING

PASSED = "made.json"
USE = {
    "llava": """`train.json` and `test.json` are lists of `{{id, image, conversations}}`. Give LLaVA's training script
`--data_path train.json --image_folder {image_folder}`.
An `<image>` inside a text is written `< image >`, so that each conversation has exactly one picture.""",
    "jsonl": """`train.jsonl` and `test.jsonl` have one item a line.

```python
items = [json.loads(line) for line in open("train.jsonl", encoding="utf-8")]
```""",
    "parquet": """`items.parquet` is one table; the column `split` says which side an item stands on.

```python
items = pandas.read_parquet("items.parquet")
```""",
    "csv": """`items.csv` is one table in UTF-8; lists (`options`, `labels`, `repairs`, `tags`) are JSON texts.
A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, or with
apostrophes before one of these) has one more apostrophe in front; take it away to have the text as released:

```python
items = pandas.read_csv("items.csv", dtype=str, keep_default_na=False)
items = items.map(lambda cell: cell[1:] if re.match(r"'+[=+\\-@\\t\\r]", cell) else cell)
```""",
}
HF_TABLES = """```python
from datasets import load_dataset
items = load_dataset("path/of/this/folder")  # splits: {splits}
```

The pictures were not copied. With Med-MAT's images at hand, make a column of pictures:

```python
from datasets import Image
items = items.map(lambda item: {{"image": f"/folder/of/the/images/{{item['image_path']}}"}})
items = items.cast_column("image", Image())
```"""
HF_CHATS = """```python
from datasets import load_dataset
items = load_dataset("path/of/this/folder")  # splits: {splits}; `messages` holds the conversations
```

The pictures were not copied. With Med-MAT's images at hand, make the column of pictures that trainers want:

```python
from datasets import Image, List
items = items.map(lambda item: {{"images": [f"/folder/of/the/images/{{item['image_path']}}"]}})
items = items.cast_column("images", List(Image()))
```"""
HF_IMAGES = """```python
from datasets import load_dataset
items = load_dataset("path/of/this/folder")  # splits: {splits}; the column `image` holds the pictures
```"""

IN_MESSAGES = """

An `<image>` inside a prompt is written `< image >` in `messages`, so that each conversation has exactly one picture."""


def card(form: ExportFormat, manifest: Mapping[str, Any], *, images: bool) -> str:
    """The text of README.md; for Hugging Face with the head that `datasets` reads."""
    splits = [split for split, items in manifest["splits"].items() if items]
    lines = [_head(splits, images=images)] if form.name == "hf" else []
    lines += [f"# {_plain(manifest['collection']['name'])}: {manifest['items']:,} items as {form.title}", ""]
    lines += [
        _chosen(manifest),
        "",
        _use(form, splits, images=images, mix="configurations" in manifest),
        "",
        _pictures(manifest),
        "",
        "## Fields",
        "",
    ]
    if "configurations" in manifest:
        lines[-2:] = [*_mix(manifest), "", "## Fields", ""]
    if form.name == "llava":
        lines += [
            "`id` is the item's key, `image` the picture, `conversations` the released prompt and the right letter."
        ]
    else:
        shown = [name for name in FIELDS if name != "image_file" or (images and form.name != "hf")]
        shown = [name for name in shown if "configurations" not in manifest or name not in PASSING]
        lines += [f"- `{name}`: {FIELDS[name]}" for name in shown]
    lines += ["", "## Cite", "", "`citations.bib` has Med-MAT's paper and every source data set that occurs here."]
    lines += ["The pictures belong to their sources; each has terms of its own. A research tool, not for clinical use."]
    lines += ["", f"Made by MedMAT Explorer {manifest['program']['version']}; `manifest.json` says from what."]
    return "\n".join(lines) + "\n"


def _head(splits: list[str], *, images: bool) -> str:
    path = "data/{split}/**" if images else "data/{split}.parquet"
    files = "".join(f"  - split: {split}\n    path: {path.format(split=split)}\n" for split in splits)
    return f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n" if splits else ""


def _chosen(manifest: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{items:,} {split}" for split, items in manifest["splits"].items())
    return f"Chosen: {_plain(manifest['selection']['words'])}. Items: {counts}."


def _use(form: ExportFormat, splits: list[str], *, images: bool, mix: bool) -> str:
    if form.name == "hf":
        told = HF_IMAGES.replace("`image`", "`images`") if mix else HF_IMAGES
        told = told if images else HF_CHATS if mix else HF_TABLES
        return told.format(splits=", ".join(splits) or "none") + (IN_MESSAGES if mix else "")
    return USE[form.name].format(image_folder="." if images else "FOLDER_OF_THE_IMAGES")


def _pictures(manifest: Mapping[str, Any]) -> str:
    images = manifest["images"]
    if not images["wanted"]:
        return "Pictures were not copied; image paths are those of the release."
    said = f"Pictures copied: {images['copied']:,}"
    if images["converted"]:
        said += (
            f", {images['converted']:,} of them drawn as 8-bit PNG (DICOM, NIfTI, deeper, transparent or turned ones)"
        )
    missing = sum(images["not_copied"].values())
    if not missing:
        return said + "."
    kept = "They are left out of the data files" if manifest["left_out"] else "Their `image_file` is empty"
    return f"{said}. Items whose picture could not be copied: {missing:,}; `images-not-copied.csv` has them. {kept}."


def _mix(manifest: Mapping[str, Any]) -> list[str]:
    """What a training mix is made from, what is not in it, and how to train on it."""
    mix, removed = manifest["mix"], sum(manifest["removed"].values())
    target = mix["target"]
    triple = ", ".join(target[axis] for axis in ("modality", "area", "task"))
    lines = ["## The mix", ""]
    lines += [
        f"For the target {_plain(target['key'])} ({_plain(triple)}), which is not among it. "
        f"Arm: {_plain(mix['arm'])}; rule: {_plain(mix['rule']['name'])}; balance: by {mix['balance']}; seed "
        f"{mix['seed']}. Items lie in the order of the release: shuffle them while training.",
        "",
        f"Not taken since they are the target's or may show its pictures: {removed:,} (`removed.csv`). Test items of "
        f"the target to evaluate on: {manifest['held_out']:,} (`held-out.jsonl`).",
        "",
    ]
    lines += [f"- {_plain(warning)}" for warning in manifest["warnings"]]
    lines += ["", "## Train", "", *(f"- `{file}`: {use}" for file, use in manifest["configurations"].items())]
    if not manifest["configurations"]:
        lines += ["No trainer's configuration fits this format: LLaVA conversations and Hugging Face folders have one."]
    said = f"The same items, seed and program give the same files, byte for byte; only `{PASSED}`, which no list names,"
    return [*lines, "", said, "has the day."]


def _plain(text: str) -> str:
    """Text from data on one line of Markdown."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>#|" else sign for sign in " ".join(text.split()))

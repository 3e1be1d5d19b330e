"""Small releases in Med-MAT's layout, written out of literal records."""

import json
from pathlib import Path
from typing import Any

from medmat_explorer.domain.facts import Facts
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.store.ingest import import_collection
from medmat_explorer.store.report import IngestReport

INSTRUCTION = "Answer with the option's letter from the given choices directly."


def subset(number: str, modality: str, area: str, task: str, datasets: str, multi_label: bool = False) -> Subset:
    """A subset of the facts below."""
    triplet = MatTriplet(modality, area, task)
    return Subset(
        number,
        triplet,
        f"{task} Classification",
        task,
        multi_label=multi_label,
        dataset_numbers=tuple(datasets.split()),
    )


FACTS = Facts(
    {
        s.number: s
        for s in (
            subset("02", "CT", "Kidney", "Diseases", "2"),
            subset("03", "CT", "Lung", "State", "3 4"),
            subset("15", "FP", "Fundus", "Diseases", "24 25", multi_label=True),
            subset("18", "Mic", "Cell", "Cell Identification", "33 44"),
            subset("22", "MRI", "Brain", "Diseases", "44 45"),
        )
    },
    {
        number: SourceDataset(number, name, modality, area, "Multi Classification")
        for number, name, modality, area in (
            ("2", "CT Kidney", "CT", "Kidney"),
            ("3", "CT One", "CT", "Lung"),
            ("4", "CT Two", "CT", "Lung"),
            ("24", "Fundus One", "FP", "Fundus"),
            ("25", "Fundus Two", "FP", "Fundus"),
            ("33", "Cells", "Mic", "Cell"),
            ("43", "LC25000", "Mic", "Cell"),
            ("44", "Brain Tumor 17 Classes", "MRI", "Brain"),
            ("45", "Tumor Classification", "MRI", "Brain"),
        )
    },
)
"""A part of the published facts, with their traps: 44 stands in two subsets, 43 in none."""

SUBSET_02 = "Aggregated_Subsets/Subset--02-train.json"
ORI_2 = "Original_Medical_Datasets/Ori--02-train.json"


def record(number: int, answer: str = "Cyst", **changes: Any) -> dict[str, Any]:
    """A well-formed record of subset 02; changes replace values, and None takes a key out."""
    options = ["Cyst", "Normal", "Stone", "Tumor"]
    letter = "ABCD"[options.index(answer)] if answer in options else "A"
    made = {
        "id": number,
        "caption": answer,
        "image": f"med-mat/CT_Kidney/{answer}/{answer}- ({number}).jpg",
        "Question": "Which category is it?",
        "Answer": answer,
        "Question-choice": question_choice("Which category is it?", options),
        "Answer-choice": letter,
        "data-no": "2",
    } | {key.replace("_", "-"): value for key, value in changes.items()}
    return {key: value for key, value in made.items() if value is not None}


def question_choice(question: str, options: list[str], sign: str = ":") -> str:
    """The text in the release's usual form."""
    lines = [f"{letter}{sign} {option}" for letter, option in zip("ABCDEFGHIJ", options, strict=False)]
    return "\n".join([question, *lines, INSTRUCTION])


def write(root: Path, **files: Any) -> Path:
    """Use as `write(root, **{path: records})`; text and bytes are written as they are."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return root


def run_import(root: Path, home: Path, name: str = "test", **wishes: Any) -> IngestReport:
    """Imports with the facts above."""
    return import_collection(root, name, home, FACTS, **wishes)


def refused_lines(report: IngestReport) -> list[dict[str, Any]]:
    """What stands in the import's refused.jsonl."""
    return [json.loads(line) for line in Path(report.refused_file).read_text("utf-8").splitlines()]

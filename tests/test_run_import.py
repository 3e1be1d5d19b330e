"""Other people's answers: each known form read as its program writes it, every row matched or told why not."""

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from medmat_explorer.domain.qa import QAItem, parse_item_key
from medmat_explorer.errors import RunError
from medmat_explorer.evaluation.run_record import UNKNOWN_PROMPT, RunKind, RunState, Verdict
from medmat_explorer.evaluation.spot_check import score_answers
from medmat_explorer.experiments.imported_run import Imported, import_run
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.run_list import export_run, find_runs
from tests.release_folder import SUBSET_02, question_choice, record, run_import, write

OPTIONS = {"A": "Cyst", "B": "Normal", "C": "Stone", "D": "Tumor"}
ASKED = "Which category is it?"
PROMPT = question_choice(ASKED, list(OPTIONS.values()))
OTHER = "Is a stone seen?"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Eight items: four of one name each, two pictures of one name in two folders, one picture with two questions."""
    folder = tmp_path_factory.mktemp("answers")
    records = [
        record(1, "Cyst"),
        record(2, "Stone"),
        record(3, "Tumor"),
        record(4, "Normal"),
        record(5, "Cyst", image="med-mat/left/scan.png"),
        record(6, "Stone", image="med-mat/right/scan.png"),
        record(7, "Cyst", image="med-mat/both.png"),
        record(8, "A", image="med-mat/both.png", **two_options()),
    ]
    root = write(folder / "release", **{SUBSET_02: records[:1], SUBSET_02.replace("train", "test"): records[1:]})
    run_import(root, folder / "home", "mini")
    with closing(open_catalog("mini", folder / "home")) as found:
        yield found


def two_options() -> dict[str, Any]:
    return {
        "Question": OTHER,
        "Question-choice": question_choice(OTHER, ["yes", "no"]),
        "Answer": "yes",
        "Answer-choice": "A",
    }


def item(catalog: Catalog, number: int) -> QAItem:
    """The item of record 1 to 8."""
    rows = catalog.connection.rows("SELECT id, image, question FROM items")
    ends = {1: "Cyst- (1).jpg", 2: "Stone- (2).jpg", 3: "Tumor- (3).jpg", 4: "Normal- (4).jpg"}
    ends |= {5: "left/scan.png", 6: "right/scan.png", 7: "both.png", 8: "both.png"}
    asked = OTHER if number == 8 else ASKED
    (found,) = [f"{row[0]:016x}" for row in rows if row[1].endswith(ends[number]) and row[2] == asked]
    return catalog.items([found])[0]


def lines(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8")
    return path


def sample(number: int, said: str, **more: Any) -> dict[str, Any]:
    """A line of lmms-eval, with its document taken out and `resps` left out, as it is when it says the same."""
    hashes = {"doc_hash": "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", "prompt_hash": "0" * 64}
    return {"doc_id": number, "target": "", "filtered_resps": [said], **hashes, "input": PROMPT, **more}


def reasons(found: Imported) -> dict[int, str]:
    """Of each row left out its line and reason, out of the file."""
    assert found.unmatched_file
    left = [json.loads(line) for line in found.unmatched_file.read_text("utf-8").splitlines()]
    assert all(entry["meaning"] for entry in left)
    return {entry["line"]: entry["reason"] for entry in left}


def verdicts(found: Imported, catalog: Catalog, *numbers: int) -> list[Verdict]:
    by_item = {answer.item: answer.verdict for answer in found.answers}
    return [by_item[item(catalog, number).key] for number in numbers]


def test_a_log_of_lmms_eval_finds_its_items_by_the_documents_own_id(
    catalog: Catalog, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "liuhaotian__llava-v1.5-7b"
    folder.mkdir()
    keys = [item(catalog, number).key for number in (1, 2, 3, 4)]
    path = lines(
        folder / "20261124_101500_samples_medmat.jsonl",
        sample(0, "A", target="A", medmat_acc={"id": keys[0], "answer": "A", "pred": "A"}),
        sample(1, "The answer is D.", medmat_acc={"id": str(parse_item_key(keys[1])), "answer": "C"}),
        sample(2, "D", resps=[["**Answer:** D because of the mass"]], doc={"id": keys[2], "question": ASKED}),
        sample(3, "I cannot tell.", exact_match=0.0, medmat_acc={"question_id": keys[3]}),
    )
    found = import_run(path, catalog, home)
    assert (found.form, found.matched, found.unmatched) == ("lmms-eval log", {"item key": 3, "id": 1}, {})
    assert verdicts(found, catalog, 1, 2, 3, 4) == [Verdict.CORRECT, Verdict.WRONG, Verdict.CORRECT, Verdict.UNPARSED]
    stored = open_run(home, found.run_id)
    assert (stored.state, stored.header.kind, stored.answers) == (
        RunState.FINISHED,
        RunKind.IMPORTED,
        found.answers,
    )
    assert (stored.header.backbone_title, stored.header.plan.prompt) == ("liuhaotian/llava-v1.5-7b", UNKNOWN_PROMPT)
    assert stored.header.source and stored.header.source.matched == {"item key": 3, "id": 1}
    scores = score_answers(stored.answers)
    assert scores.text and (scores.text.n, scores.text.correct, scores.text.unparsed) == (4, 2, 1)
    assert scores.letters is None
    assert find_runs(home)[0].kind == "imported"


def test_the_models_name_stands_in_the_results_beside_the_log(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    (tmp_path / "20261124_101500_results.json").write_text('{"results": {}, "model_name": "org/model-7b"}')
    entry = sample(0, "A", medmat_acc={"id": item(catalog, 1).key})
    path = lines(tmp_path / "20261124_101500_samples_medmat.jsonl", entry)
    assert import_run(path, catalog, home).header.backbone_title == "org/model-7b"
    named = import_run(path, catalog, home, "my model").header
    assert (named.backbone_title, named.plan.backbone) == ("my model", "my model")


def test_a_log_finds_its_items_by_image_and_prompt(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    turned = question_choice(ASKED, ["Tumor", "Stone", "Normal", "Cyst"])
    path = lines(
        tmp_path / "20261124_samples_medmat.jsonl",
        sample(0, "C", doc={"image_path": "med-mat/CT_Kidney/Stone/Stone- (2).jpg"}),
        sample(1, "D", doc={"image_path": "/data/med-mat/left/scan.png"}, input=turned),
        sample(2, "A", doc={"image_path": "both.png"}, input=question_choice(OTHER, ["yes", "no"])),
        sample(3, "A", doc={"image_path": "scan.png"}),
        sample(4, "A", doc={"image_path": "unheard-of.png"}),
        sample(5, "A"),
        sample(6, "A", medmat_acc={"id": "f" * 16}),
        sample(7, "A", medmat_acc={"id": "9" * 5000, "index": 2**63}),
    )
    found = import_run(path, catalog, home)
    assert found.matched == {"image path and question": 2, "image name and question": 1}
    assert verdicts(found, catalog, 2, 5, 8) == [Verdict.CORRECT] * 3
    assert reasons(found) == {4: "several-items"} | dict.fromkeys((5, 6, 7, 8), "no-such-item")
    by_item = {answer.item: answer for answer in found.answers}
    assert by_item[item(catalog, 5).key].options[0] == ("A", "Tumor")
    assert by_item[item(catalog, 5).key].right == "D"


def table(catalog: Catalog) -> pd.DataFrame:
    """As VLMEvalKit keeps its predictions; the pictures themselves were taken out."""
    rows = [
        (1, "Cyst- (1).jpg", ASKED, *OPTIONS.values(), "A", "A"),
        (2, "x/Stone/Stone- (2).jpg", ASKED, *OPTIONS.values(), "C", "Stone"),
        (3, "Tumor- (3).jpg", ASKED, "Tumor", "Cyst", "Stone", "Normal", "A", "B. Cyst"),
        (4, "Normal- (4).jpg", ASKED, *OPTIONS.values(), "B", "Failed to obtain answer via API."),
        (5, "left/scan.png", ASKED, *OPTIONS.values(), "B", "A"),
        (6, "right/scan.png", ASKED, "Cyst", "Normal", "Stone", "Polyp", "C", "C"),
        (7, "both.png", "Another question?", *OPTIONS.values(), "A", "A"),
        (8, "both.png", OTHER, "yes", "no", None, None, "A", "yes"),
        (9, "both.png", OTHER, "yes", "no", None, None, "A", "no"),
    ]
    return pd.DataFrame(rows, columns=["index", "image_path", "question", *OPTIONS, "answer", "prediction"])


@pytest.mark.parametrize("form", ["xlsx", "tsv", "csv", "json"])
def test_a_table_of_vlmevalkit_is_read_in_every_form(catalog: Catalog, home: Path, tmp_path: Path, form: str) -> None:
    path, rows = tmp_path / f"llava_v1.5_7b_MedMAT.{form}", table(catalog)
    if form == "xlsx":
        rows.to_excel(path, index=False)
    elif form == "json":
        path.write_text(json.dumps(rows.to_dict("records"), indent=4))
    else:
        rows.to_csv(path, sep="\t" if form == "tsv" else ",", index=False, quoting=csv.QUOTE_ALL)
    found = import_run(path, catalog, home)
    assert (found.form, found.matched) == (
        "VLMEvalKit table",
        {"image name and question": 3, "image path and question": 1},
    )
    assert verdicts(found, catalog, 1, 2, 3, 8) == [Verdict.CORRECT, Verdict.CORRECT, Verdict.WRONG, Verdict.CORRECT]
    assert reasons(found) == {
        5: "no-answer",
        6: "other-answer",
        7: "other-options",
        8: "no-such-item",
        10: "twice",
    }
    assert found.unmatched == dict.fromkeys(reasons(found).values(), 1)
    assert found.header.backbone_title == "llava_v1.5_7b_MedMAT"


def test_a_table_may_name_items_by_our_key_and_is_not_believed_against_its_question(
    catalog: Catalog, home: Path, tmp_path: Path
) -> None:
    keys = [item(catalog, number).key for number in (1, 2, 3)]
    rows = pd.DataFrame(
        {"index": [0, 1, 2], "key": keys, "question": [ASKED, "What is this?", ASKED], "prediction": ["A", "C", "D"]}
    )
    rows.to_csv(tmp_path / "m.tsv", sep="\t", index=False, quoting=csv.QUOTE_ALL)
    found = import_run(tmp_path / "m.tsv", catalog, home)
    assert found.matched == {"item key": 2}
    assert reasons(found) == {3: "other-question"}


def test_an_image_and_a_bare_question_do_not_tell_the_options(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    rows = pd.DataFrame({"image_path": ["Cyst- (1).jpg", "Stone- (2).jpg"], "question": [ASKED, PROMPT]})
    rows.assign(prediction="A").to_csv(tmp_path / "m.csv", index=False, quoting=csv.QUOTE_ALL)
    found = import_run(tmp_path / "m.csv", catalog, home)
    assert reasons(found) == {2: "options-unknown"}
    assert verdicts(found, catalog, 2) == [Verdict.WRONG]


def test_numbers_among_options_are_the_same_in_a_table(home: Path, tmp_path: Path) -> None:
    choice = question_choice("How many?", ["1", "2"])
    numbers = {"Question": "How many?", "Question-choice": choice, "Answer": "2", "Answer-choice": "B"}
    root = write(tmp_path / "release", **{SUBSET_02: [record(1, image="med-mat/n.png", **numbers)]})
    run_import(root, home, "numbers")
    rows = {"image_path": ["n.png"], "question": ["How many?"], "A": [1.0], "B": [2.0], "prediction": ["2"]}
    pd.DataFrame(rows).to_excel(tmp_path / "n.xlsx", index=False)
    with closing(open_catalog("numbers", home)) as numbered:
        found = import_run(tmp_path / "n.xlsx", numbered, home)
    assert [answer.verdict for answer in found.answers] == [Verdict.CORRECT]


def test_a_run_exported_here_comes_back_as_it_was(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    entry = sample(0, "The answer is C.", medmat_acc={"id": item(catalog, 2).key})
    first = import_run(lines(tmp_path / "a_samples_b.jsonl", entry), catalog, home, "somebody's model")
    path = export_run(home, first.run_id, tmp_path / "run.jsonl")
    again = import_run(path, catalog, home)
    assert (again.form, again.matched, again.answers) == ("exported run", {"item key": 1}, first.answers)
    assert again.header.created == first.header.created
    assert (again.header.backbone_title, again.header.plan) == ("somebody's model", first.header.plan)
    assert again.run_id != first.run_id


def test_a_run_of_another_machine_keeps_what_it_was_asked_with(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    mine = item(catalog, 3)
    turned = [["A", "Tumor"], ["B", "Cyst"], ["C", "Normal"], ["D", "Stone"]]
    head = {
        "form": "medmat-run",
        "finished": True,
        "header": {
            "format": 1,
            "id": "2026-11-01-063012-llava-3f2a",
            "created": "2026-11-01T06:30:12Z",
            "plan": {"collection": "there", "version": "9", "backbone": "llava", "n": 2, "seed": 11, "rotations": True},
            "item_keys": [mine.key, "0" * 16],
            "usual_labels": {"02": "Normal"},
            "backbone_title": "LLaVA",
            "backbone_source": "local folder",
            "revision": "abc",
            "device": "cuda",
            "dtype": "bfloat16",
            "libraries": {"torch": "2.13.0"},
        },
    }
    common = {"item": mine.key, "subset": "02", "right": "D", "text": "Tumor", "read": None, "label": "Tumor"}
    options = [[letter, text] for letter, text in OPTIONS.items()]
    path = lines(
        tmp_path / "theirs.jsonl",
        head,
        {**common, "options": options, "probabilities": [0.1, 0.1, 0.1, 0.7]},
        {
            **common,
            "variant": "rotation-1",
            "options": turned,
            "right": "A",
            "text": None,
            "probabilities": [1, 0, 0, 0],
        },
        {**common, "item": "0" * 16, "options": options, "probabilities": [1, 0, 0, 0]},
        {**common, "variant": "blank", "options": options, "probabilities": [1, 0]},
        {"rubbish": True},
    )
    with path.open("a") as file:
        file.write('{"half')
    found = import_run(path, catalog, home)
    assert [(answer.variant, answer.verdict) for answer in found.answers] == [
        ("asked", Verdict.CORRECT),
        ("rotation-1", Verdict.CORRECT),
    ]
    assert reasons(found) == {4: "no-such-item", 5: "not-ours", 6: "not-ours", 7: "not-json"}
    header = found.header
    assert (header.plan.collection, header.plan.seed, header.plan.backbone) == ("mini", 11, "llava")
    assert (header.revision, header.dtype, header.item_keys) == ("abc", "bfloat16", (mine.key,))


def test_rows_with_several_answers_or_likelihoods_are_told(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    named = {"medmat_acc": {"id": item(catalog, 1).key}}
    path = lines(
        tmp_path / "x_samples_y.jsonl",
        sample(0, "", **named),
        {**sample(1, "", **named), "filtered_resps": [["-1.2", "False"], ["-0.3", "True"]]},
        {**sample(2, "", **named), "resps": [["A", "B"]]},
        sample(3, "A", **named),
    )
    found = import_run(path, catalog, home)
    assert reasons(found) == {1: "no-answer", 2: "several-answers", 3: "several-answers"}
    assert found.matched == {"item key": 1}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("x.jsonl", b"", "holds no answers in a known form"),
        ("x.jsonl", b'{"a": 1}\n', "holds no answers in a known form"),
        ("x.pkl", b"cos\nsystem", "holds no answers in a known form"),
        ("x.csv", b"index,question\n1,Which?\n", "has no column 'prediction'"),
        ("x.csv", b"index,prediction\n", "holds no row of answers"),
        ("x.tsv", b"index\tprediction\n1\t\xff\xfe\n", "is not UTF-8"),
        ("x.xlsx", b"no workbook", "is not an Excel workbook"),
        ("x.json", b"[1, 2]", "is no list of rows"),
        ("x.json", b"{", "is not JSON"),
        ("x.jsonl", b'{"filtered_resps": ["A"], "doc_id": 0}\n', "No answer in"),
        ("x.jsonl", b'{"header": {}}\n', "No answer in"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_nothing_is_kept(
    catalog: Catalog, home: Path, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RunError, match=sentence) as told:
        import_run(tmp_path / name, catalog, home)
    assert "\n" not in str(told.value)
    assert find_runs(home) == []


def test_a_file_that_is_not_there_or_a_folder_is_told(catalog: Catalog, home: Path, tmp_path: Path) -> None:
    for name in ("none.jsonl", "none.xlsx", "none.csv"):
        with pytest.raises(RunError, match="There is no file"):
            import_run(tmp_path / name, catalog, home)
    with pytest.raises(RunError, match="is a folder"):
        import_run(tmp_path, catalog, home)

"""Exported mixes: the same byte for byte, read by the libraries they are for, trained on by the bundled backbone."""

import csv
import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml  # type: ignore[import-untyped]
from PIL import Image
from pybtex.database import parse_string  # type: ignore[import-untyped]

from medmat_explorer.domain.arms import Arm
from medmat_explorer.domain.relation import find_target, rule_named
from medmat_explorer.errors import ExportError, MixError, UnknownNameError
from medmat_explorer.export_job import BackgroundMix, MixOrder
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.export import MADE, ExportStopped, Origin, export_items
from medmat_explorer.store.exports import item_sql, record, tables
from medmat_explorer.store.exports.record import FIELDS, PASSING
from medmat_explorer.store.exports.stored import stored_exports
from medmat_explorer.store.mix import DrawnMix
from medmat_explorer.store.mix_arms import MixWish, draw_arm, draw_arms
from medmat_explorer.store.mix_export import MIX_FORMATS, export_arms, export_mix
from tests.mixed_release import TEST_ITEMS, mixed_home, mixed_release, shows, without_a_third

ALL = Arm.parse("all")
BUDGET = 40


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    catalog = open_catalog("mixed", mixed_home(tmp_path_factory.mktemp("mixed")))
    yield catalog
    catalog.close()


def wish(catalog: Catalog, **changes: Any) -> MixWish:
    asked = MixWish(find_target("02", catalog.subsets()), catalog.subsets(), rule_named("paper"), budget=BUDGET)
    return replace(asked, **changes)


@pytest.fixture(scope="module")
def drawn(mixed: Catalog) -> DrawnMix:
    return draw_arm(mixed, wish(mixed), ALL)


def files_of(folder: Path) -> dict[str, bytes]:
    """All files but the one that has the day."""
    there = (path for path in folder.rglob("*") if path.is_file() and path.name != MADE)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in there}


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


# -- the same again


def test_the_same_mix_is_the_same_files_also_after_another_import(mixed: Catalog, tmp_path: Path) -> None:
    again = open_catalog("mixed", mixed_home(tmp_path, mixed.root))
    assert again.version != mixed.version
    for form, images in (("llava", True), ("llava", False), ("jsonl", False), ("parquet", True), ("hf", True)):
        made = []
        for turn, catalog in enumerate((mixed, again)):
            folder = tmp_path / f"{form}-{images}-{turn}"
            export_mix(catalog, draw_arm(catalog, wish(catalog), ALL), folder, form, images=images)
            made.append(files_of(folder))
        assert made[0] == made[1]
        assert str(tmp_path).encode() not in b"".join(made[0].values())
        assert json.loads((folder / MADE).read_text()).keys() == {"made", "collection_version"}
    again.close()


def test_another_seed_or_rule_is_another_mix(mixed: Catalog, tmp_path: Path) -> None:
    made = []
    read_anew = replace(rule_named("paper"), name="mine", own_tasks=(("22", "Grade"),))
    other: dict[str, dict[str, Any]] = {"a": {}, "b": {"seed": 1}, "c": {"rule": read_anew}}
    for name, changes in other.items():
        asked = wish(mixed, target=find_target("15", mixed.subsets()), **changes)
        export_mix(mixed, draw_arm(mixed, asked, Arm.parse("related")), tmp_path / name, "jsonl")
        ids = frozenset(line["id"] for line in lines_of(tmp_path / name / "train.jsonl"))
        made.append((ids, (tmp_path / name / "manifest.json").read_bytes()))
    assert len({ids for ids, _ in made}) == len({manifest for _, manifest in made}) == 3


def test_a_tag_written_meanwhile_changes_nothing(mixed: Catalog, drawn: DrawnMix, tmp_path: Path) -> None:
    export_mix(mixed, drawn, tmp_path / "a", "parquet")
    mixed.workspace.add_tag("seen", drawn.ids[:3])
    try:
        export_mix(mixed, drawn, tmp_path / "b", "parquet")
    finally:
        mixed.workspace.drop_tag("seen")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


# -- what stands in it


@pytest.fixture(scope="module")
def written(
    mixed: Catalog, drawn: DrawnMix, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[tuple[str, bool], Path]:
    """The mix in every format, with and without pictures."""
    home = tmp_path_factory.mktemp("written")
    found = {}
    for form in MIX_FORMATS:
        for images in (True, False):
            folder = home / f"{form}-{images}"
            export_mix(mixed, drawn, folder, form, images=images)
            found[form, images] = folder
    return found


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("form", MIX_FORMATS)
def test_hashes_manifest_and_citations_fit(written: Mapping[tuple[str, bool], Path], form: str, images: bool) -> None:
    folder = written[form, images]
    listed = [line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()]
    sums = {file: digest for digest, file in listed}
    there = set(files_of(folder)) - {"SHA256SUMS", "manifest.json"}
    assert set(sums) == there
    assert all(hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest for file, digest in sums.items())
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {file["path"] for file in manifest["files"]} <= there | {"SHA256SUMS"}
    assert MADE not in {file["path"] for file in manifest["files"]}
    entries = parse_string((folder / "citations.bib").read_text("utf-8"), "bibtex").entries
    assert len(entries) == 1 + len([number for number in manifest["datasets"] if number])


def test_the_manifest_says_all_that_the_mix_is(written: Mapping[tuple[str, bool], Path], drawn: DrawnMix) -> None:
    manifest = json.loads((written["jsonl", False] / "manifest.json").read_text("utf-8"))
    lines = lines_of(written["jsonl", False] / "train.jsonl")
    assert "made" not in manifest and "version" not in manifest["collection"]
    assert manifest["mix"]["target"] == {"key": "02", "modality": "CT", "area": "Kidney", "task": "Diseases"}
    assert {k: manifest["mix"][k] for k in ("arm", "budget", "balance", "letters", "seed", "leak_rule")} == {
        "arm": "all", "budget": BUDGET, "balance": "subset", "letters": False, "seed": 0, "leak_rule": "near"
    }  # fmt: skip
    assert manifest["mix"]["rule"]["name"] == "paper"
    assert manifest["mix"]["rule"]["reads"]["03"] == "CT/Lung/State"
    assert Counter(line["subset"] for line in lines) == {
        s["subset"]: s["taken"] for s in manifest["sources"] if s["taken"]
    }
    by_label = Counter((line["subset"], ", ".join(line["labels"])) for line in lines)
    assert by_label == {(n, label): k for n, counts in manifest["labels"].items() for label, k in counts.items()}
    by_letter = Counter((str(len(line["options"])), line["answer_letter"]) for line in lines)
    told = {(n, letter): k for n, counts in manifest["letters"].items() for letter, k in counts.items() if k}
    assert by_letter == told
    assert manifest["items"] == len(lines) == BUDGET
    assert manifest["removed"] == drawn.removed_by_reason
    assert manifest["held_out"] == TEST_ITEMS
    assert manifest["looked_for"]["near"] is True
    assert set(manifest["versions"]) == {"duckdb", "numpy", "pyarrow"}


def test_held_out_and_removed_items_are_listed(written: Mapping[tuple[str, bool], Path], drawn: DrawnMix) -> None:
    folder = written["llava", True]
    held_out = lines_of(folder / "held-out.jsonl")
    assert [(item["subset"], item["split"]) for item in held_out] == [("02", "test")] * TEST_ITEMS
    with (folder / "removed.csv").open(encoding="utf-8-sig", newline="") as file:
        removed = list(csv.DictReader(file))
    assert Counter(row["reason"] for row in removed) == drawn.removed_by_reason
    mine = {conversation["id"] for conversation in json.loads((folder / "train.json").read_text("utf-8"))}
    assert not mine & {row["id"] for row in removed}
    assert not mine & {item["id"] for item in held_out}
    same = [shows(row["image_path"]) for row in removed if row["reason"] == "mirrored"]
    assert same and all(what in range(36) for what in same)


def test_what_the_database_writes_is_what_the_usual_export_writes(
    mixed: Catalog, drawn: DrawnMix, written: Mapping[tuple[str, bool], Path], tmp_path: Path
) -> None:
    usual = export_items(mixed, drawn.places, tmp_path / "usual", "jsonl", Origin("all"))
    fields = [name for name in FIELDS if name not in PASSING | {"image_file"}]
    wanted = [{name: line[name] for name in fields} for line in lines_of(usual.folder / "train.jsonl")]
    assert lines_of(written["jsonl", False] / "train.jsonl") == wanted
    assert list(lines_of(written["jsonl", False] / "train.jsonl")[0]) == fields
    export_items(mixed, drawn.places, tmp_path / "llava", "llava", Origin("all"))
    assert json.loads((written["llava", False] / "train.json").read_text("utf-8")) == json.loads(
        (tmp_path / "llava" / "train.json").read_text("utf-8")
    )


def test_odd_texts_survive_the_database(tmp_path: Path) -> None:
    from tests.export_collection import make_collection

    odd = make_collection(tmp_path)
    target = find_target("CT/Knee/Level", odd.subsets())
    drawn = draw_arm(odd, MixWish(target, odd.subsets(), rule_named("paper")), ALL)
    for form, file in (("jsonl", "train.jsonl"), ("llava", "train.json")):
        export_mix(odd, drawn, tmp_path / form, form)
        export_items(odd, drawn.places, tmp_path / f"usual {form}", form, Origin("all"))
        fast, usual = ((tmp_path / name / file).read_text("utf-8") for name in (form, f"usual {form}"))
        if form == "llava":
            assert json.loads(fast) == json.loads(usual)
        else:
            pairs = zip(fast.splitlines(), usual.splitlines(), strict=True)
            assert all(json.loads(a).items() <= json.loads(b).items() for a, b in pairs)
    odd.close()


@pytest.mark.parametrize("stretch", [7, 10_000])
@pytest.mark.parametrize("form", ["parquet", "hf"])
def test_tables_from_the_database_are_the_usual_ones_byte_for_byte(
    mixed: Catalog, drawn: DrawnMix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, stretch: int
) -> None:
    from tests.export_collection import make_collection

    monkeypatch.setattr(record, "STRETCH", stretch)
    monkeypatch.setattr(tables, "STRETCH", stretch)
    monkeypatch.setattr(item_sql, "STRETCH", 3 * stretch)
    odd = make_collection(tmp_path)
    target = find_target("CT/Knee/Level", odd.subsets())
    odd_mix = draw_arm(odd, MixWish(target, odd.subsets(), rule_named("paper")), ALL)
    for catalog, mix, name in ((mixed, drawn, "mixed"), (odd, odd_mix, "odd")):
        export_mix(catalog, mix, tmp_path / name, form)
        (tmp_path / f"usual {name}").mkdir()
        writer = MIX_FORMATS[form].open(tmp_path / f"usual {name}", images=False, leave_out=PASSING)
        for records in record.RecordReader(catalog).stretches(mix.places):
            writer.write(records)
        writer.close()
        usual = files_of(tmp_path / f"usual {name}")
        assert usual and usual.items() <= files_of(tmp_path / name).items()
    odd.close()


def test_a_conversation_has_no_mark_of_a_picture_but_its_own(tmp_path: Path) -> None:
    from pandas import read_parquet

    from tests.export_collection import make_collection

    odd = make_collection(tmp_path)
    target = find_target("CT/Knee/Level", odd.subsets())
    drawn = draw_arm(odd, MixWish(target, odd.subsets(), rule_named("paper")), ALL)
    for images, file in ((False, "data/train.parquet"), (True, "data/train/metadata.parquet")):
        export_mix(odd, drawn, tmp_path / f"hf {images}", "hf", images=images)
        table = read_parquet(tmp_path / f"hf {images}" / file)
        prompts = [messages[0]["content"] for messages in table["messages"]]
        assert not any("<image>" in prompt for prompt in prompts)
        assert sum("Which < image > is it?" in prompt for prompt in prompts) == 1
        assert sum("Which <image> is it?" in question for question in table["question"]) == 1
    odd.close()


# -- pictures that are not there


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[Catalog]:
    """A collection a third of whose pictures are gone, and known to be."""
    release = mixed_release(tmp_path / "release")
    without_a_third(release)
    catalog = open_catalog("mixed", mixed_home(tmp_path, release))
    yield catalog
    catalog.close()


def conversations_of(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "train.json").read_text("utf-8"))
    return found


def check_counts(folder: Path, catalog: Catalog) -> None:
    """All that a manifest counts is what its folder holds."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    items = catalog.items([one["id"] for one in conversations_of(folder)])
    assert manifest["items"] == len(items) == sum(source["taken"] for source in manifest["sources"])
    taken = {source["subset"]: source["taken"] for source in manifest["sources"] if source["taken"]}
    assert taken == Counter(item.subset for item in items)
    labels = {(n, label): k for n, counts in manifest["labels"].items() for label, k in counts.items()}
    assert labels == Counter((item.subset, ", ".join(sorted(item.labels))) for item in items)
    letters = {(n, letter): k for n, counts in manifest["letters"].items() for letter, k in counts.items() if k}
    assert letters == Counter((str(len(item.options)), item.answer_letter) for item in items)
    assert manifest["options"]["mix"] == Counter(str(len(item.options)) for item in items)


def test_items_whose_picture_is_gone_are_left_out_before_the_draw(damaged: Catalog, tmp_path: Path) -> None:
    asked = wish(damaged, letters=True, pictures=True)
    report = export_mix(damaged, draw_arm(damaged, asked, ALL), tmp_path / "out", "llava", images=True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert report.export.items == manifest["items"] == BUDGET and report.export.left_out == 0
    assert manifest["removed"]["no-picture"] > 20 and manifest["mix"]["pictures"] is True
    assert all(max(c.values()) - min(c.values()) <= 1 for c in manifest["letters"].values())
    check_counts(tmp_path / "out", damaged)
    with (tmp_path / "out" / "removed.csv").open(encoding="utf-8-sig", newline="") as file:
        reasons = Counter(row["reason"] for row in csv.DictReader(file))
    assert reasons == manifest["removed"]
    assert report.drawn.leaks_removed == sum(n for reason, n in reasons.items() if reason != "no-picture")
    without = draw_arm(damaged, wish(damaged, letters=True), ALL)
    assert "no-picture" not in without.removed_by_reason


def test_all_arms_are_equal_though_pictures_are_gone(damaged: Catalog, tmp_path: Path) -> None:
    arms = draw_arms(damaged, wish(damaged, budget=None, letters=True, pictures=True))
    reports = export_arms(damaged, arms, tmp_path / "out", "llava", images=True)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["sentence"] == arms.sentence
    assert {len(conversations_of(tmp_path / "out" / name)) for name in reports} == {arms.budget}
    for name in reports:
        check_counts(tmp_path / "out" / name, damaged)


def test_pictures_that_fail_while_copying_are_counted_and_said(tmp_path: Path) -> None:
    release = mixed_release(tmp_path / "release")
    mixed = open_catalog("mixed", mixed_home(tmp_path, release))
    without_a_third(release)
    arms = draw_arms(mixed, wish(mixed, letters=True, pictures=True))
    reports = export_arms(mixed, arms, tmp_path / "out", "llava", images=True)
    lost = {name: report.export.left_out for name, report in reports.items()}
    assert 0 < lost["all"] < BUDGET
    for name, report in reports.items():
        check_counts(tmp_path / "out" / name, mixed)
        manifest = json.loads((tmp_path / "out" / name / "manifest.json").read_text("utf-8"))
        assert manifest["items"] + manifest["left_out"] == arms.budget
        assert manifest["warnings"] == list(report.drawn.warnings) == report.as_json()["warnings"]
        said = f"{lost[name]} drawn items were left out since the picture could not be copied"
        assert any(warning.startswith(said) for warning in manifest["warnings"]) == (lost[name] > 1)
        assert sum(report.as_json()["subsets"].values()) == report.export.items
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["sentence"]
    assert "The arms are not equal here" in told and f"all has {reports['all'].export.items}" in told
    for picture in (release / "med-mat").iterdir():
        picture.unlink()
    with pytest.raises(ExportError, match="None of the 40 pictures of the mix 'all' could be copied"):
        export_mix(mixed, draw_arm(mixed, wish(mixed), ALL), tmp_path / "none", "hf", images=True)
    assert not (tmp_path / "none").exists()
    mixed.close()


# -- read back


def test_the_folder_for_datasets_is_read_by_datasets(
    written: Mapping[tuple[str, bool], Path], drawn: DrawnMix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets  # type: ignore[import-untyped]

    datasets.disable_progress_bars()
    for images in (True, False):
        folder = written["hf", images]
        read = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / f"cache-{images}"))["train"]
        assert len(read) == BUDGET
        assert [message["role"] for message in read[0]["messages"]] == ["user", "assistant"]
        assert read[0]["messages"][0]["content"] == read[0]["question_choice"]
        if images:
            (picture,) = read[0]["images"]
            assert isinstance(picture, Image.Image) and picture.width > 0


def test_parquet_is_read_by_pandas(written: Mapping[tuple[str, bool], Path], drawn: DrawnMix) -> None:
    import pandas

    table = pandas.read_parquet(written["parquet", True] / "items.parquet")
    assert [int(key, 16) for key in table["id"]] == drawn.ids.tolist()
    assert not set(table.columns) & PASSING
    assert all((written["parquet", True] / file).is_file() for file in table["image_file"])


def test_configurations_lead_to_the_files(written: Mapping[tuple[str, bool], Path]) -> None:
    folder = written["llava", True]
    arguments = json.loads((folder / "llava.json").read_text("utf-8"))
    conversations = json.loads((folder / arguments["data_path"]).read_text("utf-8"))
    assert all((folder / arguments["image_folder"] / one["image"]).is_file() for one in conversations)
    script = (folder / "llava.sh").read_text("utf-8")
    assert all(f'--{name} "{value}"' in script for name, value in arguments.items())
    subprocess.run(["bash", "-n", str(folder / "llava.sh")], check=True)

    factory = yaml.safe_load((folder / "llamafactory.yaml").read_text("utf-8"))
    described = json.loads((folder / "dataset_info.json").read_text("utf-8"))[factory["dataset"]]
    assert (factory["dataset_dir"], factory["media_dir"], factory["learning_rate"]) == (".", ".", 2e-6)
    first = json.loads((folder / described["file_name"]).read_text("utf-8"))[0]
    turns = first[described["columns"]["messages"]]
    assert [turn[described["tags"]["role_tag"]] for turn in turns] == ["human", "gpt"]
    assert (folder / first[described["columns"]["images"]]).is_file()
    assert turns[0][described["tags"]["content_tag"]].count("<image>") == 1

    trl = yaml.safe_load((written["hf", True] / "trl.yaml").read_text("utf-8"))
    assert (trl["dataset_name"], trl["dataset_train_split"], trl["num_train_epochs"]) == (".", "train", 5)
    assert "MEDMAT_IMAGES" in (written["llava", False] / "llava.sh").read_text("utf-8")
    assert set(json.loads((folder / "manifest.json").read_text())["configurations"]) == {
        "llava.sh", "llava.json", "llamafactory.yaml", "dataset_info.json"
    }  # fmt: skip


def test_the_bundled_backbone_trains_ten_steps_on_the_exported_conversations(
    written: Mapping[tuple[str, bool], Path],
) -> None:
    from medmat_explorer.config import BUNDLED_BACKBONES
    from medmat_explorer.experiments.bundled.asking import SavedBackbone
    from medmat_explorer.experiments.bundled.conversations import ConversationTrainer, read_conversations
    from medmat_explorer.experiments.bundled.recipe import Stage

    folder = written["llava", True]
    backbone = SavedBackbone(BUNDLED_BACKBONES / "phantom-llava")
    conversations = read_conversations(folder / "train.json")
    assert len(conversations) == BUDGET
    trainer = ConversationTrainer(backbone.model.train(), backbone.processor.tokenizer, conversations, folder)
    before = [weight.detach().clone() for weight in backbone.model.parameters()]
    losses = trainer.train(Stage(steps=10, batch=20, rate=1e-3), seed=0)
    assert len(losses) == 10 and np.isfinite(losses).all()
    assert np.mean(losses[-3:]) < 0.8 * np.mean(losses[:3])
    after = backbone.model.parameters()
    assert any(not old.equal(new) for old, new in zip(before, after, strict=True))


def test_what_is_no_llava_conversation_is_said(tmp_path: Path) -> None:
    from medmat_explorer.experiments.bundled.conversations import read_conversations

    for text, said in (
        ("{", "cannot be read"),
        ("[]", "no list of conversations"),
        ('[{"image": "a.png"}]', "Entry 0 of"),
        ('[{"image": "a.png", "conversations": [{"from": "human", "value": "no picture"}, '
         '{"from": "gpt", "value": "A"}]}]', "is not one picture"),
    ):  # fmt: skip
        (tmp_path / "train.json").write_text(text)
        with pytest.raises(MixError, match=said):
            read_conversations(tmp_path / "train.json")


# -- all arms, stopping, refusing


def test_all_arms_lie_side_by_side_under_one_manifest(mixed: Catalog, tmp_path: Path) -> None:
    arms = draw_arms(mixed, wish(mixed, budget=None, letters=True))
    reports = export_arms(mixed, arms, tmp_path / "exports" / "arms", "llava")
    manifest = json.loads((tmp_path / "exports" / "arms" / "manifest.json").read_text("utf-8"))
    assert manifest["arms"] == list(reports) == [name for name in arms.capacities if name not in arms.empty]
    assert {report.export.items for report in reports.values()} == {manifest["budget"]}
    for file in manifest["files"]:
        path = tmp_path / "exports" / "arms" / file["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
    (stored,) = stored_exports(tmp_path / "exports", "mixed", 5)
    assert stored.manifest["items"] == manifest["budget"] * len(reports)
    again = export_arms(mixed, draw_arms(mixed, wish(mixed, budget=None, letters=True)), tmp_path / "again", "llava")
    assert files_of(tmp_path / "again") == files_of(tmp_path / "exports" / "arms")
    assert again["all"].export.folder == tmp_path / "again" / "all"


def test_a_stopped_export_leaves_nothing(mixed: Catalog, drawn: DrawnMix, tmp_path: Path) -> None:
    for form in ("jsonl", "hf"):
        with pytest.raises(ExportStopped):
            export_mix(mixed, drawn, tmp_path / "out", form, should_stop=lambda: True)
    with pytest.raises(ExportStopped):
        export_arms(mixed, draw_arms(mixed, wish(mixed)), tmp_path / "out", "jsonl", should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_folder_and_an_unknown_format_are_refused(mixed: Catalog, drawn: DrawnMix, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ExportError, match="is not empty"):
        export_mix(mixed, drawn, tmp_path, "jsonl")
    with pytest.raises(
        UnknownNameError, match="There is no format of a training mix 'csv'. Valid: llava, jsonl, parquet, hf"
    ):
        export_mix(mixed, drawn, tmp_path / "out", "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_mix_is_exported_in_the_background(mixed: Catalog) -> None:
    home = mixed.files.folder.parents[1]
    jobs = [BackgroundMix(MixOrder("mixed", wish(mixed), arm, "jsonl"), home) for arm in (ALL, None)]
    assert all(job.wait(60) and not job.error for job in jobs), [job.error for job in jobs]
    assert jobs[0].folder.name.startswith("mixed-mix-all-for-02-jsonl-")
    assert jobs[0].reports["all"].export.items == BUDGET
    assert jobs[0].reports["all"].drawn.mix.pictures is False
    assert set(jobs[1].reports) >= {"related", "unrelated", "all"}
    bad = BackgroundMix(MixOrder("mixed", wish(mixed), Arm.parse("own:02"), "jsonl"), home)
    assert bad.wait(60) and "is the target 02" in bad.error


def test_a_long_target_is_cut_to_a_name_that_folders_can_have(mixed: Catalog) -> None:
    home, folders = mixed.files.folder.parents[1], []
    for end in ("one", "two"):
        target = find_target(f"CT/Kidney/{'A very long task ' * 20}{end}", mixed.subsets())
        job = BackgroundMix(MixOrder("mixed", wish(mixed, target=target), ALL, "jsonl", images=True), home)
        assert job.wait(60) and not job.error and job.folder.is_dir()
        assert job.reports["all"].drawn.mix.pictures is True
        folders.append(job.folder.name)
    names = {name.rsplit("-", 2)[0] for name in folders}
    assert len(names) == 2 and {len(name) for name in names} == {80}


def test_a_target_written_as_markdown_stays_text_in_the_readme(mixed: Catalog, tmp_path: Path) -> None:
    target = find_target("CT/Kid*ney*/[press](https://example.org) <b>", mixed.subsets())
    export_mix(mixed, draw_arm(mixed, wish(mixed, target=target), ALL), tmp_path / "out", "jsonl")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "(CT, Kid\\*ney\\*, \\[press\\](https://example.org) \\<b\\>)" in card
    assert "[press]" not in card and "<b>" not in card

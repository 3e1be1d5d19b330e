"""The bundled backbone: its card fits the generator, it loads offline, it looks, and it can be trained again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from medmat_explorer.errors import BackboneError, SettingsError
from medmat_explorer.experiments.bundled import choose, read_card, train
from medmat_explorer.experiments.bundled.asking import SavedBackbone
from medmat_explorer.experiments.bundled.figures import rotated_options
from medmat_explorer.experiments.bundled.fingerprint import fingerprint, same_pictures
from medmat_explorer.experiments.bundled.recipe import recipe_for
from medmat_explorer.phantoms.draw import draw
from medmat_explorer.phantoms.questions import items_of
from medmat_explorer.phantoms.world import PHANTOM_VERSION, Stream, all_subsets, subset_of

FOLDER = Path(__file__).parent.parent / "assets" / "backbones" / "phantom-llava"
FRESH_SEED = 77
TINY = 0.02


@pytest.fixture(scope="module")
def backbone() -> SavedBackbone:
    return SavedBackbone(FOLDER)


@pytest.fixture(scope="module")
def fresh() -> list[tuple[Image.Image, str, int, int]]:
    """Picture, question, number of options and position of the right one, nine items a subset."""
    items = [item for subset in all_subsets() for item in items_of(subset, Stream.TEST, FRESH_SEED, 9)]
    return [
        (draw(i.subset, i.label, i.seed), i.question_choice, len(i.options), i.options.index(i.label)) for i in items
    ]


def test_the_card_belongs_to_the_generator():
    card = read_card(FOLDER)
    assert card["phantom_version"] == PHANTOM_VERSION
    assert same_pictures(card["fingerprint"], fingerprint())


def test_another_picture_changes_the_fingerprint_and_rounding_does_not():
    prints = fingerprint()
    name, numbers = next(iter(prints.items()))
    first, *rest = numbers.split()
    assert same_pictures(prints, {**prints, name: " ".join([str(int(first) + 2), *rest])})
    assert not same_pictures(prints, {**prints, name: " ".join([str(int(first) + 9), *rest])})
    assert not same_pictures(prints, {**prints, name: first})


def test_the_folder_is_small_and_holds_no_pickle():
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 10e6
    assert {file.suffix for file in files} <= {".json", ".safetensors", ".md", ".jinja"}


def test_the_card_tells_what_it_is_and_how_well_it_does():
    text, card = (FOLDER / "README.md").read_text(), read_card(FOLDER)
    for words in ("trained only on drawn phantoms", "knows nothing of real images", "not for\nclinical use", "Wilson"):
        assert words.replace("\n", " ") in text.replace("\n", " ")
    assert f"| as asked | {card['figures']['accuracy']:.3f} |" in text
    assert {candidate["seed"] for candidate in card["candidates"]} >= {card["seed"]}
    assert set(card["figures"]["by_subset"]) == {subset.number for subset in all_subsets()}


def test_the_stated_figures_meet_the_goals():
    figures = read_card(FOLDER)["figures"]
    assert figures["accuracy"] >= 0.85
    assert abs(figures["accuracy_rotated"] - figures["accuracy"]) <= 0.02
    assert abs(figures["accuracy_blank"] - figures["chance"]) <= 0.05
    assert all(row["accuracy"] >= row["chance"] + 0.2 for row in figures["by_subset"].values())


def test_it_answers_fresh_phantoms_and_needs_the_picture(backbone: SavedBackbone, fresh: list[Any]):
    right = np.array([place for *_, place in fresh])
    answers = backbone.answers([(picture, text, count) for picture, text, count, _ in fresh])
    assert np.mean(np.array(answers) == right) >= 0.8
    grey = Image.new("RGB", (160, 160), (128, 128, 128))
    blind = backbone.answers([(grey, text, count) for _, text, count, _ in fresh])
    chance = np.mean([1 / count for _, _, count, _ in fresh])
    assert abs(np.mean(np.array(blind) == right) - chance) < 0.12


def test_it_generates_the_letter_and_stops(backbone: SavedBackbone, fresh: list[Any]):
    for picture, text, count, _ in fresh[::36]:
        written = backbone.generated((picture, text, count))
        assert written == "ABCD"[backbone.answers([(picture, text, count)])[0]] + "</s>"


def test_one_at_a_time_and_in_a_batch_agree(backbone: SavedBackbone, fresh: list[Any]):
    questions = [(picture, text, count) for picture, text, count, _ in fresh[::12]]
    assert backbone.answers(questions) == [backbone.answers([question])[0] for question in questions]


def test_the_answers_letter_is_the_options_token(backbone: SavedBackbone):
    ids = backbone.inputs([(Image.new("RGB", (160, 160)), "Well?\nA: normal\nB: abnormal\nSay.", 2)])["input_ids"][0]
    for letter in "AB":
        tokens = backbone.processor.tokenizer.encode(letter, add_special_tokens=False)
        assert len(tokens) == 1 and (ids == tokens[0]).sum() == 1


def test_training_halves_compute_what_the_whole_model_does(backbone: SavedBackbone, fresh: list[Any]):
    import torch

    from medmat_explorer.experiments.bundled.halves import patch_words, text_logits

    inputs = backbone.inputs([fresh[0][:3]])
    patches = int((inputs["input_ids"] == backbone.model.config.image_token_id).sum())
    with torch.inference_mode():
        whole = backbone.model(**inputs).logits[:, -1]
        features = patch_words(backbone.model, inputs["pixel_values"])
        halves = text_logits(backbone.model, features, inputs["input_ids"][:, patches:])[:, -1]
    assert torch.allclose(whole, halves, atol=1e-3)


def test_rotated_options_keep_all_and_move_each():
    for place, item in enumerate(items_of(subset_of("P17"), Stream.TEST, 0, 12)):
        rotated = rotated_options(item, place)
        assert sorted(rotated) == sorted(item.options)
        assert all(before != after for before, after in zip(item.options, rotated, strict=True))


def test_steps_follow_from_the_minutes():
    assert recipe_for(20, 0).vision.steps == 2 * recipe_for(10, 0).vision.steps
    with pytest.raises(SettingsError, match="above 0"):
        recipe_for(0, 0)


class Stopped(Exception):
    """Stands for a killed process."""


def test_a_stopped_training_goes_on_after_its_last_stage_and_ends_the_same(tmp_path: Path):
    """The whole recipe at its smallest: undisturbed, and again with a stop in the last stage."""
    seen: list[str] = []
    whole = train(tmp_path / "whole", TINY, 5, lambda stage, done, total: seen.append(stage))
    assert list(dict.fromkeys(seen)) == ["language", "pictures", "vision", "letters"]
    assert (whole.seed, whole.figures["n"]) == (5, 24 * 6)
    assert not (tmp_path / "whole.work").exists()

    def stop(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("letters", 2):
            raise Stopped

    with pytest.raises(Stopped):
        train(tmp_path / "again", TINY, 5, stop)
    seen.clear()
    train(tmp_path / "again", TINY, 5, lambda stage, done, total: seen.append(stage))
    assert set(seen) == {"letters"}
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "again")]
    assert weights[0] == weights[1]


def test_choosing_goes_by_validation_and_tells_of_all(tmp_path: Path):
    card = read_card(FOLDER)
    for name, seed, validation, test in (("one", 3, 0.7, 0.9), ("two", 4, 0.8, 0.6)):
        own = {"accuracy": validation}
        figures = {**card["figures"], "accuracy": test}
        candidate = {"seed": seed, "cpu_seconds": 1, "validation": own, "figures": figures}
        folder = tmp_path / name
        folder.mkdir()
        stated = {**card, "seed": seed, "validation": own, "figures": figures, "candidates": [candidate]}
        (folder / "card.json").write_text(json.dumps(stated))
    chosen = choose(tmp_path / "out", [tmp_path / "one", tmp_path / "two"])
    assert chosen == tmp_path / "two"
    told = read_card(tmp_path / "out")
    assert (told["seed"], [c["seed"] for c in told["candidates"]]) == (4, [3, 4])


def test_a_folder_without_a_card_is_refused(tmp_path: Path):
    with pytest.raises(BackboneError, match=r"card\.json"):
        read_card(tmp_path)

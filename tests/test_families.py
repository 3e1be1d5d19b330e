"""Every family that can be built without a download is loaded and asked for real: letters, text, option texts."""

import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import Capability, LoadOptions, Posed, Question
from medmat_explorer.backbones.families import FAMILIES, family_named
from medmat_explorer.backbones.option_likelihood import option_tokens
from medmat_explorer.backbones.transformers_adapter import TransformersBackbone, load_folder
from medmat_explorer.errors import BackboneError
from tests.tiny_families import ALL_FAMILIES

pytestmark = pytest.mark.filterwarnings("default")  # what other people's models warn of is not ours to forbid
PROMPT = "Which finding does this picture show?\nA: Normal\nB: Cyst\nC: Stone"
TEXTS = ("Cyst", "Normal", "a Stone and a Cyst, mild", "Tumor Tumor")
CPU = LoadOptions(device="cpu", threads=1)


@pytest.fixture(scope="module", params=sorted(ALL_FAMILIES))
def backbone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TransformersBackbone]:
    folder = ALL_FAMILIES[request.param](tmp_path_factory.mktemp(request.param))
    backbone = load_folder(folder, CPU, lambda stage: None)
    assert backbone._family.name == request.param
    yield backbone
    backbone.unload()


def posed(key: str, colour: str = "purple", more: str = "", size: tuple[int, int] = (40, 40)) -> Posed:
    shade = Image.linear_gradient("L").resize(size)
    shaded = Image.composite(Image.new("RGB", size, colour), Image.new("RGB", size, "black"), shade)
    return Posed(Question(key, PROMPT + more, ("A", "B", "C"), Path("unused")), shaded)


ASKED = (
    posed("short"),
    posed("long", "green", " Look at the picture well, and then once more."),
    posed("wide", "red", " x", (90, 40)),
)


def never() -> bool:
    """Nobody stops it."""
    return False


def unheard(key: str, text: str) -> None:
    """Nobody listens."""


def test_every_family_that_has_manifests_is_built_here() -> None:
    assert {family.name for family in FAMILIES} == set(ALL_FAMILIES)


def test_a_batch_says_what_each_question_alone_says(backbone: TransformersBackbone) -> None:
    together = backbone.letters(ASKED)
    alone = [backbone.letters([one])[0] for one in ASKED]
    assert [pytest.approx(numbers, abs=1e-4) for numbers in alone] == together
    assert [sum(numbers) for numbers in together] == pytest.approx([1, 1, 1])


def test_a_batch_writes_what_each_question_alone_writes_and_gives_its_letters(backbone: TransformersBackbone) -> None:
    together = backbone.write(ASKED, never, unheard)
    alone = [backbone.write([one], never, unheard)[0] for one in ASKED]
    assert [written.text for written in together] == [written.text for written in alone]
    assert [pytest.approx(one.probabilities, abs=1e-4) for one in together] == backbone.letters(ASKED)


def test_the_picture_matters(backbone: TransformersBackbone) -> None:
    red, green = backbone.letters([posed("red", "red")])[0], backbone.letters([posed("green", "lime")])[0]
    assert max(abs(a - b) for a, b in zip(red, green, strict=True)) > 1e-4


def test_text_is_heard_while_it_is_written_and_stops_when_told_to(backbone: TransformersBackbone) -> None:
    heard: list[str] = []
    (whole,) = backbone.write(ASKED[:1], never, lambda key, text: heard.append(text))
    assert heard[-1] == whole.text != ""
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    (stopped,) = backbone.write(ASKED[:1], lambda: True, unheard)
    assert len(stopped.text) < len(whole.text)


def test_option_texts_score_as_when_each_is_read_from_scratch(backbone: TransformersBackbone) -> None:
    for asked in ASKED:
        scores = backbone.option_texts(asked, TEXTS)
        scratch = [read_from_scratch(backbone, asked, text) for text in TEXTS]
        assert [score.tokens for score in scores] == [tokens for _, tokens in scratch]
        assert [score.total for score in scores] == pytest.approx([total for total, _ in scratch], abs=2e-3)
        assert len({score.tokens for score in scores}) > 1
        assert scores[0].mean == scores[0].total / scores[0].tokens


def test_option_texts_do_not_change_one_another(backbone: TransformersBackbone) -> None:
    together = backbone.option_texts(ASKED[1], TEXTS)
    alone = [backbone.option_texts(ASKED[1], [text])[0].total for text in TEXTS]
    assert [score.total for score in together] == pytest.approx(alone, abs=1e-3)


def test_an_empty_option_text_is_one_sentence(backbone: TransformersBackbone) -> None:
    with pytest.raises(BackboneError, match="The option text ' ' has no tokens"):
        backbone.option_texts(ASKED[0], ["Cyst", " "])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders to change: of LLaVA, LLaVA-1.6, Gemma 3 and InstructBLIP."""
    names = ("llava", "llava_next", "gemma3", "instructblip")
    return {name: ALL_FAMILIES[name](tmp_path_factory.mktemp(f"{name}_folder")) for name in names}


def changed(folder: Path, to: Path, part: str, **entries: object) -> TransformersBackbone:
    """The backbone in a copy of the folder with other settings of its processor, or of a `part` of it."""
    copy = shutil.copytree(folder, to)
    path = copy / "processor_config.json"
    config = json.loads(path.read_text())
    (config[part] if part else config).update(entries)
    path.write_text(json.dumps(config))
    return load_folder(copy, CPU, lambda stage: None)


def test_llava_pads_to_a_square_where_it_would_crop_and_llava_next_keeps_the_shape_for_its_tiles(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    crop = {"do_center_crop": True, "crop_size": {"height": 32, "width": 32}, "size": {"shortest_edge": 32}}
    wide = Image.new("RGB", (90, 40))
    llava = changed(folders["llava"], tmp_path / "llava", "image_processor", **crop)
    following = changed(folders["llava_next"], tmp_path / "next", "image_processor", do_center_crop=True)
    assert (llava._picture(wide).size, following._picture(wide).size) == ((90, 90), (90, 40))


def test_what_old_llava_folders_leave_out_comes_from_the_model(folders: dict[str, Path], tmp_path: Path) -> None:
    missing = {"patch_size": None, "vision_feature_select_strategy": None, "num_additional_image_tokens": 0}
    old = changed(folders["llava"], tmp_path / "old", "", **missing)
    new = load_folder(folders["llava"], CPU, lambda stage: None)
    assert old.letters(ASKED) == [pytest.approx(numbers) for numbers in new.letters(ASKED)]


def test_what_old_instructblip_folders_leave_out_comes_from_the_model(folders: dict[str, Path], tmp_path: Path) -> None:
    old = changed(folders["instructblip"], tmp_path / "old", "", num_query_tokens=None)
    new = load_folder(folders["instructblip"], CPU, lambda stage: None)
    assert old.letters(ASKED) == [pytest.approx(numbers) for numbers in new.letters(ASKED)]


def test_gemma_never_pans_and_scans(folders: dict[str, Path], tmp_path: Path) -> None:
    wishes = {"do_pan_and_scan": True, "pan_and_scan_min_crop_size": 8, "pan_and_scan_max_num_crops": 4}
    wishes["pan_and_scan_min_ratio_to_activate"] = 1
    panning = changed(folders["gemma3"], tmp_path / "panning", "image_processor", **wishes)
    usual = load_folder(folders["gemma3"], CPU, lambda stage: None)
    assert panning._inputs(ASKED[2:])["pixel_values"].shape == usual._inputs(ASKED[2:])["pixel_values"].shape


@pytest.mark.parametrize(
    ("family", "prompt"),
    [
        ("llava_next", "USER: <image>\nWhich? {text} ASSISTANT:"),
        ("gemma3", "<start_of_turn>user\n<start_of_image>Which? {text}<end_of_turn>\n<start_of_turn>model\n"),
        ("instructblip", "Which? {text}"),
    ],
)
def test_a_folder_without_a_chat_template_gets_its_familys_form(
    folders: dict[str, Path], family: str, prompt: str
) -> None:
    assert load_folder(folders[family], CPU, lambda stage: None).prompt("Which? {text}") == prompt


def test_a_family_that_is_not_listed_offers_no_option_texts() -> None:
    assert family_named("no-such-family").capabilities == {Capability.LETTERS, Capability.TEXT}


def read_from_scratch(backbone: TransformersBackbone, asked: Posed, text: str) -> tuple[float, int]:
    """The log-likelihood of a text after the prompt, from one forward pass over both without any cache; its tokens."""
    import torch

    (ids,) = option_tokens(backbone._tokenizer, backbone.prompt(asked.question.prompt), [text])
    inputs = dict(backbone._inputs([asked]))
    length = inputs["input_ids"].shape[1]
    inputs["input_ids"] = torch.cat([inputs["input_ids"], torch.tensor([ids])], dim=1)
    suffix = {"attention_mask": 1, "mm_token_type_ids": 0, "token_type_ids": int(backbone._family.name == "paligemma")}
    for name, value in suffix.items():
        if name in inputs:
            inputs[name] = torch.cat([inputs[name], torch.full((1, len(ids)), value)], dim=1)
    if (crossed := inputs.get("cross_attention_mask")) is not None:
        inputs["cross_attention_mask"] = torch.cat([crossed, crossed[:, -1:].expand(-1, len(ids), -1, -1)], dim=1)
    with torch.inference_mode():
        logits: Any = backbone._model(**inputs, use_cache=False).logits[0].log_softmax(-1)
    return sum(float(logits[length - 1 + place, token]) for place, token in enumerate(ids)), len(ids)

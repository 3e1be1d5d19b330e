"""Every family that can be built without a download is loaded and asked for real: letters, text, option texts."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import Capability, LoadOptions, Posed, Question
from medmat_explorer.backbones.families import FAMILIES, family_named
from medmat_explorer.backbones.prompt_tensors import option_tokens
from medmat_explorer.backbones.transformers_adapter import TransformersBackbone, load_folder
from medmat_explorer.errors import BackboneError
from tests.asking import ask, letters, never, unheard, write
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


def posed(key: str, colour: str = "purple", more: str = "", size: tuple[int, int] = (40, 40)) -> Posed:
    shade = Image.linear_gradient("L").resize(size)
    shaded = Image.composite(Image.new("RGB", size, colour), Image.new("RGB", size, "black"), shade)
    return Posed(Question(key, PROMPT + more, ("A", "B", "C"), Path("unused")), shaded)


ASKED = (
    posed("short"),
    posed("long", "green", " Look at the picture well, and then once more."),
    posed("wide", "red", " x", (90, 40)),
)


def test_every_family_that_has_manifests_is_built_here() -> None:
    assert {family.name for family in FAMILIES} == set(ALL_FAMILIES)


def test_a_batch_says_what_each_question_alone_says(backbone: TransformersBackbone) -> None:
    together = letters(backbone, ASKED)
    alone = [letters(backbone, [one])[0] for one in ASKED]
    assert [pytest.approx(numbers, abs=1e-4) for numbers in alone] == together
    assert [sum(numbers) for numbers in together] == pytest.approx([1, 1, 1])


def test_a_batch_writes_what_each_question_alone_writes_and_gives_its_letters(backbone: TransformersBackbone) -> None:
    together = write(backbone, ASKED)
    alone = [write(backbone, [one])[0] for one in ASKED]
    assert [written.text for written in together] == [written.text for written in alone]
    assert [pytest.approx(one.probabilities, abs=1e-4) for one in together] == letters(backbone, ASKED)


def test_the_picture_matters(backbone: TransformersBackbone) -> None:
    red, green = letters(backbone, [posed("red", "red")])[0], letters(backbone, [posed("green", "lime")])[0]
    assert max(abs(a - b) for a, b in zip(red, green, strict=True)) > 1e-4


def test_text_is_heard_while_it_is_written_and_stops_when_told_to(backbone: TransformersBackbone) -> None:
    heard: list[str] = []
    (whole,) = write(backbone, ASKED[:1], never, lambda key, text: heard.append(text))
    assert heard[-1] == whole.text != ""
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
    (stopped,) = write(backbone, ASKED[:1], lambda: True, unheard)
    assert len(stopped.text) < len(whole.text)


def test_option_texts_score_as_when_each_is_read_from_scratch(backbone: TransformersBackbone) -> None:
    answers = ask(backbone, ASKED, options=TEXTS, letters=("A", "B", "C", "D"), wants_text=False)
    for asked, answer in zip(ASKED, answers, strict=True):
        scratch = [read_from_scratch(backbone, asked, text) for text in TEXTS]
        assert len({tokens for _, tokens in scratch}) > 1
        means = [total / tokens for total, tokens in scratch]
        assert answer.option_likelihoods == pytest.approx(means, abs=2e-3)


def test_option_texts_change_neither_one_another_nor_letters_nor_text(backbone: TransformersBackbone) -> None:
    (together,) = ask(backbone, ASKED[1:2], options=TEXTS[:3])
    reordered = ask(backbone, ASKED[1:2], options=(TEXTS[2], TEXTS[0], TEXTS[1]))[0].option_likelihoods
    assert together.option_likelihoods == pytest.approx([*reordered[1:], reordered[0]], abs=1e-3)
    (plain,) = write(backbone, ASKED[1:2])
    assert (together.text, together.note) == (plain.text, "")
    assert together.probabilities == pytest.approx(plain.probabilities, abs=1e-4)


def test_an_option_without_words_leaves_the_letters_be(backbone: TransformersBackbone) -> None:
    (answer,) = ask(backbone, ASKED[:1], options=("Cyst", " ", "Stone"), wants_text=False)
    assert (answer.option_likelihoods, len(answer.probabilities)) == ((), 3)
    assert answer.note == "An option has no words, so the option texts were not scored."


def about_one_picture() -> list[Posed]:
    """Rotations of options beside each other, a wording of another length, and a question about another picture."""
    shown, rows = ASKED[0].picture, (("Normal", "Cyst", "Stone"), ("Cyst", "Stone", "Normal"), ("Stone", "Normal", "x"))
    prompts = [f"Which finding?\nA: {a}\nB: {b}\nC: {c}" for a, b, c in rows]
    prompts += ["Which finding is it, once more and at length?\nA: Tumor\nB: Mild\nC: Cyst"]
    asked = [Posed(Question(str(place), text, ("A", "B", "C"), Path("x")), shown) for place, text in enumerate(prompts)]
    return [*asked[:2], ASKED[1], *asked[2:]]


def test_questions_about_one_picture_are_read_together_and_say_what_each_says_alone(
    backbone: TransformersBackbone,
) -> None:
    together = about_one_picture()
    for changes in ({"wants_text": False}, {"wants_text": True}, {"wants_text": False, "options": TEXTS[:3]}):
        answers = ask(backbone, together, **changes)
        alone = [ask(backbone, [one], **changes)[0] for one in together]
        assert [answer.text for answer in answers] == [answer.text for answer in alone]
        assert [answer.prompt_tokens for answer in answers] == [answer.prompt_tokens for answer in alone]
        for answer, single in zip(answers, alone, strict=True):
            assert answer.probabilities == pytest.approx(single.probabilities, abs=1e-4)
            assert answer.option_likelihoods == pytest.approx(single.option_likelihoods, abs=2e-3)


def test_one_picture_goes_in_once_where_the_family_can_share_it(backbone: TransformersBackbone) -> None:
    ready = backbone.prepare(about_one_picture())
    rows = 2 if backbone._family.shares else 5
    assert len(ready.inputs["input_ids"]) == rows
    assert backbone._family.shares is (backbone._family.name not in {"instructblip", "paligemma"})
    assert any(ready.rests) is backbone._family.shares


def test_prompts_are_counted_with_the_pictures_tokens_and_without_padding(backbone: TransformersBackbone) -> None:
    for asked, answer in zip(ASKED, ask(backbone, ASKED, wants_text=False), strict=True):
        assert answer.prompt_tokens == inputs_of(backbone, asked)["input_ids"].shape[1]
        assert answer.timing and answer.timing.prepare > 0 and answer.timing.prefill > 0 == answer.timing.decode


def test_text_is_what_the_library_itself_writes(backbone: TransformersBackbone) -> None:
    """`generate` of transformers, greedy: the loop here is our own."""
    inputs = inputs_of(backbone, ASKED[1])
    made = backbone._model.generate(**inputs, max_new_tokens=12, do_sample=False)[0].tolist()
    prompt = inputs["input_ids"][0].tolist()
    written = made[len(prompt) :] if made[: len(prompt)] == prompt else made
    (answer,) = ask(backbone, ASKED[1:2], tokens=12)
    assert answer.text == backbone.prompts.tokenizer.decode(written, skip_special_tokens=True)
    (short,) = ask(backbone, ASKED[1:2], tokens=2)
    assert answer.text.startswith(short.text) and len(short.text) < len(answer.text)


def test_what_is_sent_can_be_seen(backbone: TransformersBackbone) -> None:
    sent = backbone.sent(ASKED[2])
    assert PROMPT in sent.text
    assert sent.tokens == ask(backbone, ASKED[2:], wants_text=False)[0].prompt_tokens
    assert Image.open(BytesIO(sent.picture)).size == backbone.prompts.picture(ASKED[2].picture).size
    assert sent.shape == tuple(inputs_of(backbone, ASKED[2])["pixel_values"].shape)


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
    assert (llava.prompts.picture(wide).size, following.prompts.picture(wide).size) == ((90, 90), (90, 40))


def test_what_old_llava_folders_leave_out_comes_from_the_model(folders: dict[str, Path], tmp_path: Path) -> None:
    missing = {"patch_size": None, "vision_feature_select_strategy": None, "num_additional_image_tokens": 0}
    old = changed(folders["llava"], tmp_path / "old", "", **missing)
    new = load_folder(folders["llava"], CPU, lambda stage: None)
    assert letters(old, ASKED) == [pytest.approx(numbers) for numbers in letters(new, ASKED)]


def test_what_old_instructblip_folders_leave_out_comes_from_the_model(folders: dict[str, Path], tmp_path: Path) -> None:
    old = changed(folders["instructblip"], tmp_path / "old", "", num_query_tokens=None)
    new = load_folder(folders["instructblip"], CPU, lambda stage: None)
    assert letters(old, ASKED) == [pytest.approx(numbers) for numbers in letters(new, ASKED)]


def test_gemma_never_pans_and_scans(folders: dict[str, Path], tmp_path: Path) -> None:
    wishes = {"do_pan_and_scan": True, "pan_and_scan_min_crop_size": 8, "pan_and_scan_max_num_crops": 4}
    wishes["pan_and_scan_min_ratio_to_activate"] = 1
    panning = changed(folders["gemma3"], tmp_path / "panning", "image_processor", **wishes)
    usual = load_folder(folders["gemma3"], CPU, lambda stage: None)
    assert panning.sent(ASKED[2]).shape == usual.sent(ASKED[2]).shape


def test_attention_is_rolled_out_as_worked_by_hand(folders: dict[str, Path]) -> None:
    import numpy as np
    import torch

    eager = load_folder(folders["llava"], replace(CPU, attention="eager"), lambda stage: None)
    assert Capability.ATTENTION in eager.loaded.capabilities
    grid = eager.attention(ASKED[0])
    with torch.inference_mode():
        out = eager._model(**inputs_of(eager, ASKED[0]), output_attentions=True)
    flow = np.eye(len(inputs_of(eager, ASKED[0])["input_ids"][0]))
    for layer in out.attentions:
        heads = layer[0].numpy()
        mixed = 0.5 * sum(heads) / len(heads) + 0.5 * np.eye(len(flow))
        flow = (mixed / mixed.sum(axis=1, keepdims=True)) @ flow
    ids = inputs_of(eager, ASKED[0])["input_ids"][0].numpy()
    expected = flow[-1][ids == eager._model.config.image_token_id]
    assert np.array(grid) == pytest.approx((expected / expected.sum()).reshape(4, 4), abs=1e-5)
    assert sum(map(sum, grid)) == pytest.approx(1)
    assert max(map(max, grid)) > 1.2 / 16


def test_where_it_attends_is_told_by_square_families_with_eager_attention_alone(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    usual = load_folder(folders["llava"], CPU, lambda stage: None)
    tiles = load_folder(folders["llava_next"], replace(CPU, attention="eager"), lambda stage: None)
    for backbone in (usual, tiles):
        assert Capability.ATTENTION not in backbone.loaded.capabilities
        with pytest.raises(BackboneError, match="loaded with the attention 'eager'"):
            backbone.attention(ASKED[0])
    for family, side in (("gemma3", 2), ("paligemma", 4)):
        folder = folders.get(family) or ALL_FAMILIES[family](tmp_path / family)
        grid = load_folder(folder, replace(CPU, attention="eager"), lambda stage: None).attention(ASKED[0])
        assert [len(row) for row in grid] == [side] * side
        assert sum(map(sum, grid)) == pytest.approx(1)


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
    assert load_folder(folders[family], CPU, lambda stage: None).prompts.text("Which? {text}") == prompt


def test_a_family_that_is_not_listed_offers_no_option_texts() -> None:
    plain = family_named("no-such-family")
    assert plain.capabilities == {Capability.LETTERS, Capability.TEXT}
    assert not plain.shares


def test_a_family_that_is_not_listed_is_asked_all_the_same(folders: dict[str, Path]) -> None:
    known = load_folder(folders["llava"], CPU, lambda stage: None)
    plain = load_folder(folders["llava"], CPU, lambda stage: None)
    plain._family = plain.prompts._family = family_named("no-such-family")
    (answer,), (usual,) = ask(plain, ASKED[:1], options=TEXTS[:3]), write(known, ASKED[:1])
    assert (answer.text, answer.option_likelihoods) == (usual.text, ())
    assert answer.note == "This backbone cannot score option texts."


def inputs_of(backbone: TransformersBackbone, asked: Posed) -> Any:
    """One question's tensors, on the model's device and in its number format."""
    return backbone._moved(backbone.prompts.whole(asked))


def read_from_scratch(backbone: TransformersBackbone, asked: Posed, text: str) -> tuple[float, int]:
    """The log-likelihood of a text after the prompt, from one forward pass over both without any cache; its tokens."""
    import torch

    (ids,) = option_tokens(backbone.prompts.tokenizer, backbone.prompts.text(asked.question.prompt), [text])
    inputs = dict(inputs_of(backbone, asked))
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

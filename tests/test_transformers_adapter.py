"""One adapter for every family: tiny random models of three architectures are loaded and asked for real."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medmat_explorer.backbones.answering import answer_in_batches
from medmat_explorer.backbones.contract import Answer, LoadOptions, Posed, Question, Unanswered
from medmat_explorer.backbones.letter_tokens import letter_tokens, unsayable
from medmat_explorer.backbones.model_folder import folder_facts
from medmat_explorer.backbones.placement import choose_device, choose_dtype, memory_problem
from medmat_explorer.backbones.registry import describe_backbones, resolve
from medmat_explorer.backbones.square_picture import squared
from medmat_explorer.backbones.transformers_adapter import TransformersBackbone, load_folder
from medmat_explorer.errors import BackboneError, UnknownNameError
from tests.asking import letters, never, unheard, write
from tests.tiny_models import FAMILIES, build_llava

pytestmark = pytest.mark.filterwarnings("default")  # what other people's models warn of is not ours to forbid
PROMPT = "Which finding does this picture show?\nA: Normal\nB: Cyst\nC: Stone"


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def backbone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TransformersBackbone]:
    folder = FAMILIES[request.param](tmp_path_factory.mktemp(request.param))
    yield load_folder(folder, LoadOptions(device="cpu", threads=1), lambda stage: None)


@pytest.fixture(scope="module")
def llava_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_llava(tmp_path_factory.mktemp("llava_folder"))


def posed(
    key: str, colour: tuple[int, int, int] = (200, 30, 90), more: str = "", size: tuple[int, int] = (40, 40)
) -> Posed:
    picture = Image.linear_gradient("L").resize(size)
    shaded = Image.composite(Image.new("RGB", size, colour), Image.new("RGB", size, "black"), picture)
    return Posed(Question(key, PROMPT + more, ("A", "B", "C"), Path("unused")), shaded)


def test_probabilities_over_the_letters_add_up_to_one(backbone: TransformersBackbone) -> None:
    (probabilities,) = letters(backbone, [posed("one")])
    assert len(probabilities) == 3
    assert sum(probabilities) == pytest.approx(1)


def test_a_batch_says_what_each_question_alone_says(backbone: TransformersBackbone) -> None:
    asked = [
        posed("short"),
        posed("long", (10, 200, 10), " Look at the picture well, and then once more."),
        posed("x", more=" x"),
    ]
    together = letters(backbone, asked)
    alone = [letters(backbone, [one])[0] for one in asked]
    assert [pytest.approx(numbers, abs=1e-4) for numbers in alone] == together


def test_a_batch_writes_what_each_question_alone_writes(backbone: TransformersBackbone) -> None:
    asked = [posed("short"), posed("long", (10, 200, 10), " Look at the picture well, and then once more.")]
    together = write(backbone, asked, never, unheard)
    alone = [write(backbone, [one], never, unheard)[0] for one in asked]
    assert [written.text for written in together] == [written.text for written in alone]


def test_writing_gives_the_probabilities_of_the_letters_too(backbone: TransformersBackbone) -> None:
    asked = [posed("one"), posed("two", (10, 200, 10), " x")]
    written = write(backbone, asked, never, unheard)
    assert [pytest.approx(one.probabilities, abs=1e-5) for one in written] == letters(backbone, asked)


def test_the_picture_matters(backbone: TransformersBackbone) -> None:
    red, green = letters(backbone, [posed("red", (255, 0, 0))]), letters(backbone, [posed("green", (0, 255, 0))])
    assert max(abs(a - b) for a, b in zip(red[0], green[0], strict=True)) > 1e-4


def test_text_is_greedy_and_heard_while_it_is_written(backbone: TransformersBackbone) -> None:
    heard: list[str] = []
    (first,) = write(backbone, [posed("text")], never, lambda key, text: heard.append(text))
    (second,) = write(backbone, [posed("text")])
    assert (first.text, first.probabilities) == (second.text, second.probabilities)
    assert heard[-1] == first.text != ""
    assert len(heard) > 1
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))


def test_text_stops_when_told_to(backbone: TransformersBackbone) -> None:
    (whole,), (stopped,) = (write(backbone, [posed("x")], lambda now=now: now, unheard) for now in (False, True))
    assert len(stopped.text) < len(whole.text)


def test_loading_says_where_and_what_it_is(backbone: TransformersBackbone) -> None:
    loaded = backbone.loaded
    assert (loaded.device, loaded.dtype, len(loaded.revision)) == ("cpu", "float32", 16)
    assert {"torch", "transformers"} <= loaded.libraries.keys()


def test_an_error_while_writing_is_a_sentence(backbone: TransformersBackbone) -> None:
    def broken(key: str, text: str) -> None:
        raise RuntimeError("no more numbers")

    with pytest.raises(BackboneError, match="could not answer: RuntimeError: no more numbers"):
        write(backbone, [posed("one")], never, broken)


class Narrow:
    """A model with memory for so many prompts at once."""

    def __init__(self, model: Any, most: int) -> None:
        self._model, self._most, self.refused = model, most, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def __call__(self, **inputs: Any) -> Any:
        if len(inputs["input_ids"]) > self._most:
            self.refused += 1
            raise MemoryError
        return self._model(**inputs)


def narrow(backbone: TransformersBackbone, most: int) -> TransformersBackbone:
    return TransformersBackbone(backbone.prompts._processor, Narrow(backbone._model, most), backbone.loaded)


def test_running_out_of_memory_is_a_sentence_with_what_to_try(backbone: TransformersBackbone) -> None:
    with pytest.raises(BackboneError, match="Not enough memory on cpu for 2 questions at once: load it with a smaller"):
        letters(narrow(backbone, 0), [posed("one"), posed("two")])


def test_what_is_too_large_for_the_memory_is_asked_in_halves(backbone: TransformersBackbone, tmp_path: Path) -> None:
    asked = []
    for number in range(20):
        Image.new("RGB", (24, 24), (number, 99, 9)).save(tmp_path / f"{number}.png")
        asked.append(Question(f"q{number}", PROMPT, ("A", "B", "C"), tmp_path / f"{number}.png", wants_text=False))
    tight = narrow(backbone, 3)
    replies = list(answer_in_batches(tight, asked, never, unheard))
    whole = list(answer_in_batches(backbone, asked, never, unheard))
    assert [reply.key for reply in replies] == [question.key for question in asked]
    assert [reply.probabilities for reply in replies if isinstance(reply, Answer)] == [
        pytest.approx(reply.probabilities, abs=1e-4) for reply in whole if isinstance(reply, Answer)
    ]
    assert 0 < tight._model.refused < 5  # later batches are smaller
    with pytest.raises(BackboneError, match="Not enough memory on cpu for one question"):
        list(answer_in_batches(narrow(backbone, 0), asked, never, unheard))


def test_both_ways_to_write_a_letter_count(llava_folder: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(llava_folder)
    (ids,) = letter_tokens(tokenizer.get_vocab(), ["A"])
    assert {tokenizer.decode([number]) for number in ids} == {"A", " A"}


def test_a_letter_without_a_token_is_named() -> None:
    assert letter_tokens({"A": 1, "▁A": 2, "B": 3}, ["A", "B", "Ω"]) == [(1, 2), (3,), ()]
    assert unsayable({"A": 1}, ["A", "Ω"]) == "This backbone's vocabulary has no single token for the letters Ω."
    assert unsayable({"A": 1}, ["A"]) == ""


def test_a_question_with_an_unsayable_letter_is_not_asked_and_the_others_are(
    backbone: TransformersBackbone, tmp_path: Path
) -> None:
    Image.new("RGB", (24, 24), "red").save(tmp_path / "picture.png")
    asked = [Question(key, PROMPT, ("A", key), tmp_path / "picture.png", False) for key in ("B", "Ω", "C")]
    replies = {reply.key: reply for reply in answer_in_batches(backbone, asked, never, unheard)}
    assert isinstance(replies["B"], Answer) and isinstance(replies["C"], Answer)
    sentence = "This backbone's vocabulary has no single token for the letters Ω."
    assert replies["Ω"] == Unanswered("Ω", "letter", sentence)


@pytest.mark.parametrize(
    "settings",
    [
        {"repetition_penalty": 1.5, "num_beams": 3},
        {"do_sample": True, "temperature": 5.0, "no_repeat_ngram_size": 1},
        {"suppress_tokens": list(range(40, 380)), "max_length": 5, "num_return_sequences": 2, "num_beams": 2},
    ],
)
def test_the_folders_generation_settings_change_neither_text_nor_numbers(
    llava_folder: Path, tmp_path: Path, settings: dict[str, object]
) -> None:
    def load(folder: Path) -> TransformersBackbone:
        return load_folder(folder, LoadOptions(device="cpu", threads=1), lambda stage: None)

    folder = shutil.copytree(llava_folder, tmp_path / "tuned")
    path = folder / "generation_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **settings}))
    plain, tuned = load(llava_folder), load(folder)
    for asked in ([posed("one")], [posed("one"), posed("two", (10, 200, 10), " x")]):
        written = write(tuned, asked)
        assert [(one.text, one.probabilities) for one in written] == [
            (one.text, one.probabilities) for one in write(plain, asked)
        ]
        assert [pytest.approx(one.probabilities, abs=1e-6) for one in written] == letters(tuned, asked)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_no_answer(llava_folder: Path, value: float) -> None:
    import torch

    backbone = load_folder(llava_folder, LoadOptions(device="cpu", threads=1), lambda stage: None)
    with torch.no_grad():
        backbone._model.lm_head.weight.fill_(value)
    for ask in (letters, write):
        with pytest.raises(BackboneError, match="not finite in float32"):
            ask(backbone, [posed("one")])
    half = TransformersBackbone(backbone.prompts._processor, backbone._model, replace(backbone.loaded, dtype="float16"))
    with pytest.raises(BackboneError, match="not finite in float16: load it as float32"):
        letters(half, [posed("one")])


def test_pickled_weights_are_refused(llava_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(llava_folder, tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BackboneError, match=r"pickled weights \(pytorch_model.bin\)"):
        resolve(str(folder))


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_in_the_folder_is_refused(llava_folder: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(llava_folder, tmp_path / "remote")
    config = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**config, "auto_map": {"AutoModel": "evil.Model"}}))
    with pytest.raises(BackboneError, match=f"auto_map in {name}"):
        load_folder(folder, LoadOptions(device="cpu"), lambda stage: None)


def test_half_a_weight_file_is_refused(llava_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(llava_folder, tmp_path / "half")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:100])
    with pytest.raises(BackboneError, match="not a whole safetensors file"):
        resolve(str(folder))


def test_a_folder_of_something_else_is_one_sentence(tmp_path: Path, llava_folder: Path) -> None:
    shutil.copytree(llava_folder, tmp_path / "other")
    (tmp_path / "other" / "config.json").write_text('{"model_type": "no-such-family"}')
    with pytest.raises(BackboneError) as refused:
        load_folder(tmp_path / "other", LoadOptions(device="cpu"), lambda stage: None)
    assert "\n" not in str(refused.value)


def test_a_local_folder_is_described_from_its_files(llava_folder: Path) -> None:
    ref = resolve(str(llava_folder))
    facts = folder_facts(llava_folder)
    assert (ref.id, ref.manifest.family, ref.manifest.parameters) == (str(llava_folder), "llava", facts.parameters)
    assert resolve(ref.id) == ref
    assert 10_000 < facts.parameters < 1_000_000


def test_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"phantom-llava, always-a.*local folder"):
        resolve("gpt-17")


def test_the_registry_describes_itself_as_plain_values() -> None:
    described = {str(entry["id"]): entry for entry in describe_backbones()}
    assert list(described)[:2] == ["phantom-llava", "always-a"]
    assert described["always-a"]["available"] is True
    assert described["always-a"]["capabilities"] == ["attention", "letters", "options", "text"]
    assert json.loads(json.dumps(described)) == described


def test_placement_names_what_is_possible() -> None:
    assert choose_dtype("auto", "cpu") == "float32"
    with pytest.raises(BackboneError, match=r"Valid: auto, .*cpu"):
        choose_device("abacus")
    with pytest.raises(BackboneError, match="Valid: auto, float32"):
        choose_dtype("int3", "cpu")


def test_what_does_not_fit_is_refused_with_both_numbers() -> None:
    assert memory_problem(1_000_000, "cpu", "float32") == ""
    assert "needs about 4800.0 GB on cpu as float32" in memory_problem(10**12, "cpu", "float32")


def test_a_wide_picture_is_padded_where_the_middle_would_be_cropped() -> None:
    wide = Image.new("RGB", (40, 10), "white")
    square = squared(wide, [0.5, 0.5, 0.5])
    assert square.size == (40, 40)
    assert (square.getpixel((0, 20)), square.getpixel((39, 20))) == ((255, 255, 255), (255, 255, 255))
    assert square.getpixel((20, 0)) == (128, 128, 128)


def test_the_sides_of_a_wide_picture_reach_a_model_that_crops(llava_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(llava_folder, tmp_path / "cropping")
    path = folder / "processor_config.json"
    config = json.loads(path.read_text())
    crop = {"do_center_crop": True, "crop_size": {"height": 32, "width": 32}, "size": {"shortest_edge": 32}}
    config["image_processor"] |= crop
    path.write_text(json.dumps(config))
    backbone = load_folder(folder, LoadOptions(device="cpu", threads=1), lambda stage: None)
    plain = Image.new("RGB", (120, 40), "black")
    marked = plain.copy()
    marked.paste((255, 255, 255), (0, 0, 20, 40))
    question = Question("side", PROMPT, ("A", "B", "C"), Path("unused"))
    dark, light = letters(backbone, [Posed(question, plain)]), letters(backbone, [Posed(question, marked)])
    assert dark != light

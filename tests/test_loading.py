"""Loading: where to, in which form, whether it fits, and what is said meanwhile."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import LoadOptions, Posed, Question
from medmat_explorer.backbones.model_folder import folder_facts, refusal, weight_files, weight_shapes
from medmat_explorer.backbones.placement import (
    bits_problem,
    choose_device,
    choose_dtype,
    memory_problem,
    placed,
    weight_bytes,
)
from medmat_explorer.backbones.quantised import kept_parameters, quantisation, skipped_modules
from medmat_explorer.backbones.transformers_adapter import load_folder
from medmat_explorer.errors import BackboneError
from tests.asking import letters
from tests.tiny_families import ALL_FAMILIES
from tests.tiny_models import build_llava

pytestmark = pytest.mark.filterwarnings("default")  # what other people's models warn of is not ours to forbid
ASKED = [Posed(Question("one", "A: Normal\nB: Cyst", ("A", "B"), Path("unused")), Image.new("RGB", (40, 40), "red"))]
VISION = ("vision", "visual", "projector", "connector", "qformer", "language_projection", "merger")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_llava(tmp_path_factory.mktemp("llava"))


@pytest.fixture(scope="module")
def sharded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model in several weight files with an index, as large ones are published."""
    from transformers import AutoModelForImageTextToText

    copy = shutil.copytree(folder, tmp_path_factory.mktemp("sharded") / "model")
    model = AutoModelForImageTextToText.from_pretrained(folder)
    (copy / "model.safetensors").unlink()
    model.save_pretrained(copy, max_shard_size="100KB")
    assert len(list(copy.glob("*.safetensors"))) > 2
    return copy


def test_short_names_of_number_formats_are_known() -> None:
    assert [choose_dtype(name, "cpu") for name in ("fp32", "bf16", "fp16")] == ["float32", "bfloat16", "float16"]


@pytest.mark.parametrize("dtype", ["bf16", "fp16", "fp32"])
def test_every_number_format_answers_on_a_cpu(folder: Path, dtype: str) -> None:
    backbone = load_folder(folder, LoadOptions(device="cpu", threads=1, dtype=dtype), lambda stage: None)
    assert sum(letters(backbone, ASKED)[0]) == pytest.approx(1, abs=1e-3)
    assert str(next(backbone._model.parameters()).dtype) == f"torch.{backbone.loaded.dtype}"


def test_devices_that_are_not_there_are_one_sentence_with_the_valid_ones() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    for device in ("cuda", "cuda:1", "cuda:all"):
        with pytest.raises(BackboneError, match=f"The device '{device}' is not on this machine. Valid: auto, cpu"):
            choose_device(device)


def test_few_bits_without_a_gpu_are_one_sentence(folder: Path) -> None:
    with pytest.raises(BackboneError, match="Weights of 4 bits need a CUDA GPU, and the device is cpu"):
        load_folder(folder, LoadOptions(device="cpu", bits=4), lambda stage: None)
    assert "Weights of 3 bits are not known. Valid: 8, 4" in bits_problem(3, "cuda")
    assert bits_problem(0, "cpu") == ""


def test_the_attention_can_be_chosen_and_is_recorded(folder: Path) -> None:
    options = LoadOptions(device="cpu", threads=1, attention="eager")
    eager = load_folder(folder, options, lambda stage: None)
    usual = load_folder(folder, LoadOptions(device="cpu", threads=1), lambda stage: None)
    assert (eager.loaded.attention, usual.loaded.attention) == ("eager", "sdpa")
    assert letters(eager, ASKED)[0] == pytest.approx(letters(usual, ASKED)[0], abs=1e-4)
    with pytest.raises(BackboneError, match="The attention 'psychic' is not known. Valid: auto, sdpa"):
        placed(LoadOptions(device="cpu", attention="psychic"))


def test_what_fits_depends_on_number_format_and_bits() -> None:
    billion = 10**9
    assert [weight_bytes(billion, dtype) for dtype in ("float32", "bfloat16")] == [4 * billion, 2 * billion]
    assert weight_bytes(billion, "bfloat16", bits=8, whole=100_000_000) == 200_000_000 + 900_000_000
    assert weight_bytes(billion, "bfloat16", bits=4, whole=100_000_000) == 200_000_000 + 450_000_000
    assert "needs about 600.0 GB on cpu as 4-bit weights" in memory_problem(10**12, "cpu", "bfloat16", bits=4)


@pytest.mark.parametrize("family", sorted(ALL_FAMILIES))
def test_only_the_language_part_is_shrunk_to_few_bits(family: str, tmp_path: Path) -> None:
    """The patterns that go to transformers, through its own function that decides which layers are replaced."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText
    from transformers.quantizers.quantizers_utils import should_convert_module

    folder = ALL_FAMILIES[family](tmp_path)
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder))
    layers = {name: layer for name, layer in model.named_modules() if isinstance(layer, torch.nn.Linear)}
    shrunk = {name for name in layers if should_convert_module(name, skipped_modules())}
    assert shrunk
    assert {name for name in layers if ".layers." in name and not any(part in name for part in VISION)} == shrunk
    facts = folder_facts(folder)
    weights = sum(layers[name].weight.numel() for name in shrunk)
    assert facts.parameters - facts.whole == weights == facts.parameters - kept_parameters(weight_shapes(folder))


def test_settings_for_few_bits_leave_the_vision_part_out() -> None:
    eight, four = quantisation(8, "bfloat16"), quantisation(4, "bfloat16")
    assert (eight.load_in_8bit, four.load_in_4bit) == (True, True)
    assert eight.llm_int8_skip_modules == four.llm_int8_skip_modules == skipped_modules()
    assert quantisation(0, "bfloat16") is None


def test_reading_is_reported_with_the_number_of_weights(folder: Path, sharded: Path) -> None:
    stages: list[str] = []
    load_folder(sharded, LoadOptions(device="cpu", threads=1), stages.append)
    files = len(list(sharded.glob("*.safetensors")))
    counts = [stage for stage in stages if stage.startswith(f"Reading the weights from {files} files: ")]
    assert len(counts) == 10
    done, total = counts[-1].removesuffix(".").split(": ")[1].split(" of ")
    assert done == total == str(len(weight_shapes(sharded)))
    assert stages[-1].startswith("Loaded: ") and stages[-1].endswith(" GB are in use.")


def test_shards_answer_as_one_file_does(folder: Path, sharded: Path) -> None:
    options = LoadOptions(device="cpu", threads=1)
    whole, pieces = (letters(load_folder(where, options, lambda stage: None), ASKED)[0] for where in (folder, sharded))
    assert whole == pytest.approx(pieces, abs=1e-6)
    assert folder_facts(folder).parameters == folder_facts(sharded).parameters


def test_a_missing_shard_is_named_before_anything_is_read(sharded: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sharded, tmp_path / "copy")
    gone = sorted(copy.glob("*.safetensors"))[1]
    gone.unlink()
    assert refusal(copy) == f"{copy} lacks {gone.name}, which its index of weights names: copy the whole model."


def test_a_second_copy_of_the_weights_is_not_counted(sharded: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sharded, tmp_path / "copy")
    shutil.copy(sorted(copy.glob("*.safetensors"))[0], copy / "consolidated.safetensors")
    assert folder_facts(copy).parameters == folder_facts(sharded).parameters


def test_one_whole_file_counts_and_not_the_shards_beside_it(folder: Path, sharded: Path, tmp_path: Path) -> None:
    """As transformers reads such a folder: shards that are missing then are not missed."""
    both = shutil.copytree(sharded, tmp_path / "both")
    shutil.copy(folder / "model.safetensors", both)
    assert (weight_files(both), folder_facts(both).parameters) == (1, folder_facts(folder).parameters)
    sorted(both.glob("model-*.safetensors"))[1].unlink()
    assert refusal(both) == ""
    options = LoadOptions(device="cpu", threads=1)
    assert letters(load_folder(both, options, lambda stage: None), ASKED)


def test_instructblip_on_t5_is_refused_before_loading(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "t5")
    (copy / "config.json").write_text(
        json.dumps({"model_type": "instructblip", "use_decoder_only_language_model": False})
    )
    with pytest.raises(BackboneError, match="InstructBLIP on T5"):
        load_folder(copy, LoadOptions(device="cpu"), lambda stage: None)

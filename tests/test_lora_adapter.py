"""LoRA adapters: laid on the model that they were trained on, refused with one sentence on any other."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import LoadOptions, Posed, Question
from medmat_explorer.backbones.lora_adapter import adapter_refusal
from medmat_explorer.backbones.transformers_adapter import load_folder
from medmat_explorer.errors import BackboneError
from tests.asking import ask, letters, write
from tests.tiny_models import build_idefics3, build_llava

pytestmark = pytest.mark.filterwarnings("default")  # what other people's models warn of is not ours to forbid
LAYERS = r".*language_model\.layers\.\d+\.self_attn\.(q_proj|v_proj)"
ASKED = [Posed(Question("one", "A: Normal\nB: Cyst", ("A", "B"), Path("unused")), Image.new("RGB", (40, 40), "red"))]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_llava(tmp_path_factory.mktemp("bases") / "tiny-llava")


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(base, tmp_path_factory.mktemp("adapters") / "findings")


def make_adapter(base: Path, folder: Path) -> Path:
    """A LoRA of rank 2 with matrices that change the answers, saved by peft itself."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForImageTextToText

    torch.manual_seed(1)
    model = AutoModelForImageTextToText.from_pretrained(base)
    tuned = get_peft_model(model, LoraConfig(r=2, lora_alpha=4, target_modules=LAYERS))
    for name, weight in tuned.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=0.5)
    tuned.save_pretrained(folder)
    return folder


def asked(base: Path, adapter: Path | None = None) -> tuple[float, ...]:
    options = LoadOptions(device="cpu", threads=1, adapter=str(adapter) if adapter else "")
    return letters(load_folder(base, options, lambda stage: None), ASKED)[0]


def changed(adapter: Path, to: Path, **entries: object) -> Path:
    folder = shutil.copytree(adapter, to)
    path = folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))
    return folder


def test_an_adapter_changes_the_answers_and_stands_in_the_record(base: Path, adapter: Path) -> None:
    options = LoadOptions(device="cpu", threads=1, adapter=str(adapter))
    backbone = load_folder(base, options, lambda stage: None)
    assert letters(backbone, ASKED)[0] != pytest.approx(asked(base), abs=1e-3)
    assert backbone.loaded.adapter.startswith("findings ")
    assert "peft" in backbone.loaded.libraries
    assert backbone.loaded.revision == load_folder(base, LoadOptions(device="cpu"), lambda stage: None).loaded.revision


def test_the_same_adapter_gives_the_same_answers_and_text_too(base: Path, adapter: Path) -> None:
    assert asked(base, adapter) == asked(base, adapter)
    backbone = load_folder(base, LoadOptions(device="cpu", threads=1, adapter=str(adapter)), lambda stage: None)
    (written,) = write(backbone, ASKED)
    assert written.probabilities == pytest.approx(letters(backbone, ASKED)[0], abs=1e-5)
    (scored,) = ask(backbone, ASKED, options=("Cyst", "a Normal one"))
    assert len(set(scored.option_likelihoods)) == 2


def test_an_adapter_of_another_model_is_one_sentence(
    adapter: Path, base: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = build_idefics3(tmp_path_factory.mktemp("others") / "tiny-idefics")
    with pytest.raises(BackboneError, match=r"findings was trained on .*tiny-llava, and this is .*tiny-idefics"):
        asked(other, adapter)


def test_a_model_of_that_name_with_other_layers_is_one_sentence(
    adapter: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    namesake = build_idefics3(tmp_path_factory.mktemp("namesakes") / "tiny-llava")
    with pytest.raises(BackboneError, match=r"changes 'model\.language_model\..*', which this model does not have"):
        asked(namesake, adapter)


def test_matrices_of_another_size_are_one_sentence(base: Path, adapter: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(adapter, tmp_path / "wide")
    weights = load_file(folder / "adapter_model.safetensors")
    name = sorted(name for name in weights if "lora_A" in name)[0]
    weights[name] = weights[name].repeat(2, axis=1)
    save_file(weights, folder / "adapter_model.safetensors")
    with pytest.raises(BackboneError, match=r"was made for 64 inputs of '.*', which has 32"):
        asked(base, folder)


def test_an_adapter_of_another_state_of_the_base_is_refused(base: Path, adapter: Path, tmp_path: Path) -> None:
    inside = tmp_path / "models--lab--tiny-llava" / "snapshots"
    snapshot = shutil.copytree(base, inside / ("a" * 40))
    other = changed(adapter, tmp_path / "other", base_model_name_or_path="lab/tiny-llava", revision="b" * 40)
    assert "at bbbbbbbbbbbb, and this is its state aaaaaaaaaaaa" in adapter_refusal(other, snapshot)
    same = changed(adapter, tmp_path / "same", base_model_name_or_path="lab/tiny-llava", revision="a" * 40)
    assert adapter_refusal(same, snapshot) == ""


def test_a_namesake_of_another_owner_is_not_the_base(base: Path, adapter: Path, tmp_path: Path) -> None:
    def in_cache(owner: str) -> Path:
        return shutil.copytree(base, tmp_path / f"models--{owner}--tiny-llava" / "snapshots" / ("a" * 40))

    of_the_lab = changed(adapter, tmp_path / "named", base_model_name_or_path="lab/tiny-llava")
    assert adapter_refusal(of_the_lab, in_cache("lab")) == ""
    refused = adapter_refusal(of_the_lab, in_cache("others"))
    assert "was trained on lab/tiny-llava, and this is others/tiny-llava: load that model" in refused
    assert adapter_refusal(of_the_lab, base) == ""  # a plain folder does not say whose it is


def test_pickled_and_foreign_adapters_are_refused(base: Path, adapter: Path, tmp_path: Path) -> None:
    pickled = shutil.copytree(adapter, tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    assert "pickled weights (adapter_model.bin)" in adapter_refusal(pickled, base)
    assert "of the kind 'PREFIX_TUNING'" in adapter_refusal(
        changed(adapter, tmp_path / "prefix", peft_type="PREFIX_TUNING"), base
    )
    assert "has no adapter_config.json" in adapter_refusal(tmp_path, base)
    nameless = changed(adapter, tmp_path / "nameless", base_model_name_or_path=None)
    assert "does not say on which model it was trained" in adapter_refusal(nameless, base)


def test_an_adapter_with_the_layer_names_of_older_libraries_still_fits(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(adapter, tmp_path / "older")
    weights = load_file(folder / "adapter_model.safetensors")
    today, older = "base_model.model.model.language_model.", "base_model.model.language_model.model."
    save_file(
        {name.replace(today, older): weight for name, weight in weights.items()}, folder / "adapter_model.safetensors"
    )
    assert asked(base, folder) == asked(base, adapter)


def test_half_an_adapter_is_one_sentence(base: Path, adapter: Path, tmp_path: Path) -> None:
    half = shutil.copytree(adapter, tmp_path / "half")
    weights = (half / "adapter_model.safetensors").read_bytes()
    (half / "adapter_model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(BackboneError, match="not a whole safetensors file"):
        asked(base, half)

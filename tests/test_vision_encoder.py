"""Vision encoders of many families: tiny random models are loaded and look at pictures for real."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.encoder_ref import BUNDLED, resolve_encoder
from medmat_explorer.backbones.encoder_worker import EncoderWorker
from medmat_explorer.backbones.vision_encoder import VisionEncoder, load_encoder
from medmat_explorer.errors import BackboneError, UnknownNameError
from tests.tiny_encoders import ENCODERS, build_vit
from tests.tiny_models import build_mllama

pytestmark = pytest.mark.filterwarnings("default")  # what other people's models warn of is not ours to forbid
CPU = LoadOptions(device="cpu", threads=1)


def unheard(stage: str) -> None:
    """Nobody listens."""


def pictures(count: int = 5, size: tuple[int, int] = (50, 40)) -> list[Image.Image]:
    draw = np.random.default_rng(0)
    return [Image.fromarray(draw.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)) for _ in range(count)]


@pytest.fixture(scope="module", params=sorted(ENCODERS))
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> VisionEncoder:
    return load_encoder(ENCODERS[request.param](tmp_path_factory.mktemp(request.param)), CPU, unheard)


@pytest.fixture(scope="module")
def vit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_vit(tmp_path_factory.mktemp("vit_folder"))


def test_vectors_have_length_one_and_differ_between_pictures(encoder: VisionEncoder) -> None:
    vectors = encoder.encode([encoder.prepare(picture) for picture in pictures()])
    assert vectors.shape == (5, encoder.facts.dimensions) == (5, 32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert (vectors @ vectors.T)[~np.eye(5, dtype=bool)].max() < 0.9999


def test_one_picture_gives_the_same_alone_and_among_others(encoder: VisionEncoder) -> None:
    prepared = [encoder.prepare(picture) for picture in pictures()]
    together = encoder.encode(prepared)
    alone = np.concatenate([encoder.encode([one]) for one in prepared])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.array_equal(together, encoder.encode([encoder.prepare(picture) for picture in pictures()]))


def test_loading_again_gives_the_same_vectors(vit_folder: Path) -> None:
    first, second = (load_encoder(vit_folder, CPU, unheard) for _ in range(2))
    (picture,) = pictures(1)
    assert np.array_equal(first.encode([first.prepare(picture)]), second.encode([second.prepare(picture)]))


def test_the_sides_of_a_wide_picture_are_not_cropped_away(tmp_path: Path) -> None:
    encoder = load_encoder(ENCODERS["dinov2"](tmp_path), CPU, unheard)
    plain = Image.new("RGB", (200, 50), (90, 90, 90))
    marked = plain.copy()
    marked.paste((255, 0, 0), (150, 0, 190, 50))
    assert not np.allclose(encoder.prepare(plain), encoder.prepare(marked))


def test_patches_are_averaged_without_the_class_token(vit_folder: Path) -> None:
    import torch
    from transformers import ViTModel

    encoder = load_encoder(vit_folder, CPU, unheard)
    (picture,) = pictures(1)
    prepared = encoder.prepare(picture)
    network: Any = ViTModel.from_pretrained(vit_folder, add_pooling_layer=False)
    network.eval()
    with torch.inference_mode():
        tokens = network(pixel_values=torch.from_numpy(prepared)[None]).last_hidden_state[0]
    expected = tokens[1:].mean(dim=0).numpy()
    assert np.allclose(encoder.encode([prepared])[0], expected / np.linalg.norm(expected), atol=1e-5)


def test_the_bundled_tower_is_loaded_without_its_language_part() -> None:
    ref = resolve_encoder(BUNDLED)
    encoder = load_encoder(ref.folder, CPU, unheard)
    assert encoder.facts.dimensions == 128
    assert encoder.facts.pooled == "mean of the patches of the last layer"
    assert 700_000 < encoder.facts.parameters < 800_000, "the tower's own weights, not those of the whole model"


def test_other_weights_are_another_encoder(vit_folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    copy = tmp_path / vit_folder.name
    shutil.copytree(vit_folder, copy)
    assert resolve_encoder(str(copy)).slug == resolve_encoder(str(vit_folder)).slug, "where it lies does not matter"
    weights = load_file(copy / "model.safetensors")
    name = next(iter(weights))
    weights[name] = weights[name] + np.float32(0.5)
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert resolve_encoder(str(copy)).slug != resolve_encoder(str(vit_folder)).slug


def test_unknown_names_get_the_names_that_exist() -> None:
    for name in ("nonesuch", "/no/such/folder", "nobody/never-downloaded", "", " ", "always-a"):
        with pytest.raises(UnknownNameError, match=r"There is no vision encoder '.*'\. Valid: phantom-llava\."):
            resolve_encoder(name)


def test_pickled_weights_and_code_of_the_folder_are_refused(vit_folder: Path, tmp_path: Path) -> None:
    pickled = tmp_path / "pickled"
    shutil.copytree(vit_folder, pickled)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(BackboneError, match=r"holds pickled weights \(pytorch_model\.bin\), which can run code"):
        resolve_encoder(str(pickled))
    remote = tmp_path / "remote"
    shutil.copytree(vit_folder, remote)
    config = json.loads((remote / "config.json").read_text())
    (remote / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "evil.Model"}}))
    with pytest.raises(BackboneError, match=r"asks to run its own code"):
        resolve_encoder(str(remote))


def test_folders_that_are_no_whole_encoder_get_one_sentence(vit_folder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    bare, broken = tmp_path / "bare", tmp_path / "broken"
    for folder in (bare, broken):
        shutil.copytree(vit_folder, folder)
    (bare / "preprocessor_config.json").unlink()
    with pytest.raises(BackboneError, match=r"does not say how pictures are prepared"):
        load_encoder(bare, CPU, unheard)
    weights = load_file(broken / "model.safetensors")
    weights = {name: weight for name, weight in weights.items() if "patch_embeddings" not in name}
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BackboneError, match=r"has no whole vision tower: its weights lack"):
        load_encoder(broken, CPU, unheard)
    with pytest.raises(BackboneError, match=r"cannot be used as a vision encoder|not supported here"):
        load_encoder(build_mllama(tmp_path / "mllama"), CPU, unheard)


@pytest.fixture
def worker() -> Iterator[EncoderWorker]:
    """The bundled tower in its own process."""
    started = EncoderWorker(resolve_encoder(BUNDLED), CPU)
    started.wait_until_loaded(120)
    yield started
    started.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for place, picture in enumerate(pictures(3)):
        picture.save(folder / f"{place}.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    return folder


def test_the_process_encodes_files_says_why_one_cannot_be_opened_and_is_told_of_when_killed(
    worker: EncoderWorker, files: Path
) -> None:
    (files.parent / "outside.png").write_bytes((files / "0.png").read_bytes())
    names = ["0.png", "broken.png", "missing.png", "../outside.png", "2.png", "0.png"]
    found = worker.encode(files, names).result(60)
    assert [one.reason.split(":")[0] for one in found] == ["", "unreadable", "missing", "outside", "", ""]
    assert [one.vector is not None for one in found] == [True, False, False, False, True, True]
    assert found[0].sha256 == hashlib.sha256((files / "0.png").read_bytes()).hexdigest()
    first, last = found[0].vector, found[5].vector
    assert first is not None
    assert last is not None
    assert np.allclose(first, last, atol=1e-6)
    assert worker.loaded is not None
    assert first.shape == (worker.loaded.dimensions,)

    # killed, it ends what waits for it with a sentence
    waiting = worker.encode(files, ["0.png"] * 3_000)
    psutil.Process(worker.pid).kill()
    with pytest.raises(BackboneError, match=r"process stopped \(signal 9, SIGKILL.*start it again"):
        waiting.result(60)
    with pytest.raises(BackboneError, match=r"SIGKILL"):
        worker.encode(files, ["0.png"]).result(1)
    assert "SIGKILL" in worker.error


def test_an_idle_process_ends_by_itself(files: Path) -> None:
    worker = EncoderWorker(resolve_encoder(BUNDLED), CPU, idle=0.5)
    worker.wait_until_loaded(120)
    deadline = time.monotonic() + 30
    while not worker.error and time.monotonic() < deadline:
        time.sleep(0.1)
    assert worker.error == "The encoder's process ended after a while without work: ask again."


def test_an_encoder_that_cannot_be_loaded_fails_with_its_sentence(vit_folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(vit_folder, bare)
    (bare / "preprocessor_config.json").unlink()
    worker = EncoderWorker(resolve_encoder(str(bare)), CPU)
    with pytest.raises(BackboneError, match=r"does not say how pictures are prepared"):
        worker.wait_until_loaded(120)
    assert worker.loaded is None

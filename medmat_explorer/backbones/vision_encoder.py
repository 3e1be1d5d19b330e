"""Pictures as vectors: the vision tower of any model that transformers knows, alone, from a local folder.

Of a model that also writes or reads text only the tower's weights are loaded. torch and transformers are imported
inside functions.

What a vector is, of each kind of model: a vision-language model gives the patch features of the layer that its
language part reads, a model of pictures and captions (CLIP, SigLIP) the pooled feature that it was trained to compare
by, any other the patches of its last layer. Patches are averaged, without class and register tokens, and every vector
has length 1, so that the inner product of two is their cosine similarity.
"""

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from medmat_explorer.backbones.contract import LoadOptions, Report
from medmat_explorer.backbones.placement import choose_device, choose_dtype, memory_problem
from medmat_explorer.backbones.square_picture import squared
from medmat_explorer.errors import BackboneError

if TYPE_CHECKING:
    from PIL.Image import Image

LIBRARIES = ("torch", "transformers", "safetensors", "pillow")
TOWER = re.compile(r"^(?:model\.)?(?:vision_tower|vision_model|visual|vision_encoder)\.(?:vision_model\.)?")
"""What stands before the names of a tower's weights in the file of the whole model."""

UNUSED = re.compile(r"(^|\.)(pooler|mask_token)(\.|$)")
"""Weights that averaged patches do not need; classifiers are saved without them."""

Prepared = npt.NDArray[np.float32]
"""One picture as the encoder reads it: channels, height, width."""

Vectors = npt.NDArray[np.float32]
"""One row a picture, each of length 1."""


@dataclass(frozen=True)
class EncoderFacts:
    """What a record of vectors needs: `pooled` says in words what they are, `parameters` counts the tower's."""

    dimensions: int
    pooled: str
    parameters: int
    device: str
    dtype: str
    seconds: float
    libraries: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """For a message or a file."""
        return asdict(self)


@dataclass(frozen=True)
class _Reading:
    """Which features of the tower are taken: a layer's patches, or with `layers` empty the pooled one."""

    layers: tuple[int, ...] = (-1,)
    keeps_class: bool = False

    @property
    def words(self) -> str:
        if not self.layers:
            return "the pooled feature that the model was trained to compare by"
        layer = "the last layer" if self.layers == (-1,) else f"layer {', '.join(map(str, self.layers))}"
        return f"mean of the patches of {layer}" + (" and its class token" if self.keeps_class else "")


def load_encoder(folder: Path, options: LoadOptions, report: Report) -> "VisionEncoder":
    """Loads the vision tower of a local folder that has no refusal: safetensors only, no code of its own, no network.

    Raises BackboneError with one sentence when it has no tower, does not fit, or prepares pictures in an unknown way.
    """
    began = time.perf_counter()
    report("Starting torch and transformers.")
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    dtype = choose_dtype(options.dtype, device)
    parameters = _tower_parameters(folder)
    if problem := memory_problem(parameters, device, dtype):
        raise BackboneError(problem)
    report("Reading the vision tower.")
    config = _config(folder)
    reading = _reading(config)
    preparation, tower = _preparation(folder), _tower(folder, config, reading, dtype)
    report(f"Moving the weights to {device}.")
    encoder = VisionEncoder(preparation, tower.to(device).eval(), reading)
    encoder.facts = EncoderFacts(
        dimensions=encoder.try_out(folder),
        pooled=reading.words,
        parameters=parameters,
        device=device,
        dtype=dtype,
        seconds=time.perf_counter() - began,
        libraries={name: version(name) for name in LIBRARIES},
    )
    return encoder


class VisionEncoder:
    """A tower and the preparation of its pictures. `prepare` may be called from several threads."""

    facts: EncoderFacts

    def __init__(self, preparation: Any, tower: Any, reading: _Reading) -> None:
        self._preparation, self._tower, self._reading = preparation, tower, reading

    def prepare(self, picture: "Image") -> Prepared:
        """The picture as the model's own processor makes it; a preparation that crops is given a square, so that
        nothing at the sides is lost."""
        wishes = {"do_image_splitting": False} if hasattr(self._preparation, "do_image_splitting") else {}
        if getattr(self._preparation, "do_center_crop", False):
            picture = squared(picture, getattr(self._preparation, "image_mean", None))
        made = self._preparation(images=picture, return_tensors="np", **wishes)["pixel_values"]
        pixels = np.asarray(made, dtype=np.float32)
        if pixels.ndim not in (4, 5) or pixels.shape[-3] != 3 or pixels.size != pixels.shape[-1] * pixels.shape[-2] * 3:
            raise BackboneError("It prepares pictures in a way of its own that is not supported here.")
        return pixels.reshape(pixels.shape[-3:])

    def encode(self, pictures: Sequence[Prepared]) -> Vectors:
        """Vectors of length 1, in the order of the pictures. Raises BackboneError when the device has no room."""
        import torch

        try:
            with torch.inference_mode():
                pixels = torch.from_numpy(np.stack(pictures)).to(self._tower.device, self._tower.dtype)
                features = self._features(pixels).float()
                unit = torch.nn.functional.normalize(features, dim=-1).cpu().numpy()
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise BackboneError(f"Not enough memory for {len(pictures)} pictures at once.") from error
        vectors: Vectors = unit.astype(np.float32)
        if not np.isfinite(vectors).all():
            raise BackboneError("The encoder's numbers are not finite: load it as float32, or copy its folder again.")
        return vectors

    def try_out(self, folder: Path) -> int:
        """How many numbers a vector has, found with a grey picture. Raises BackboneError when it cannot be done."""
        from PIL import Image

        try:
            return int(self.encode([self.prepare(Image.new("RGB", (48, 64), (128, 128, 128)))]).shape[1])
        except BackboneError as error:
            raise BackboneError(f"{folder} cannot be used for similar images. {error}") from error
        except Exception as error:  # whatever a model raises over an input that it was not made for
            raise BackboneError(_not_loaded(folder, error)) from error

    def _features(self, pixels: Any) -> Any:
        import torch

        if not self._reading.layers:
            return self._tower(pixel_values=pixels).pooler_output
        out = self._tower(pixel_values=pixels, output_hidden_states=self._reading.layers != (-1,))
        read = [out.last_hidden_state if i == -1 else out.hidden_states[i] for i in self._reading.layers]
        return torch.cat([self._averaged(layer, pixels.shape) for layer in read], dim=-1)

    def _averaged(self, layer: Any, shape: Sequence[int]) -> Any:
        """Over patches: a map of a convolutional network, or tokens, of which those before the patches are dropped."""
        if layer.ndim == 4:
            return layer.mean(dim=(2, 3))
        patch = getattr(self._tower.config, "patch_size", 0)
        patches = (shape[-2] // patch) * (shape[-1] // patch) if isinstance(patch, int) and patch else layer.shape[1]
        before = max(0, layer.shape[1] - patches)
        return layer[:, 0 if self._reading.keeps_class else before :].mean(dim=1)


def _config(folder: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        raise BackboneError(_not_loaded(folder, error)) from error


def _reading(config: Any) -> _Reading:
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    if type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        layer = getattr(config, "vision_feature_layer", None)
        layers = tuple(layer) if isinstance(layer, list | tuple) else (-1 if layer is None else int(layer),)
        return _Reading(layers, getattr(config, "vision_feature_select_strategy", "default") == "full")
    return _Reading(()) if hasattr(config, "vision_config") else _Reading()


def _preparation(folder: Path) -> Any:
    from transformers import AutoImageProcessor

    load: Any = AutoImageProcessor.from_pretrained
    try:
        return load(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        raise BackboneError(
            f"{folder} does not say how pictures are prepared: it needs a preprocessor_config.json of a vision model."
        ) from error


def _tower(folder: Path, config: Any, reading: _Reading, dtype: str) -> Any:
    """The tower's own weights, every one of them found in the folder."""
    import torch
    from transformers import AutoModel

    vision = getattr(config, "vision_config", None)
    wishes = {} if vision is None else {"config": vision, "key_mapping": {TOWER.pattern: ""}}
    load: Any = AutoModel.from_pretrained
    try:
        model, found = load(
            folder,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            **wishes,
        )
    except Exception as error:  # whatever a model's own loading code raises, the reader gets one sentence
        raise BackboneError(_not_loaded(folder, error)) from error
    needed = [name for name in found["missing_keys"] if not (reading.layers and UNUSED.search(name))]
    if needed or found["mismatched_keys"]:
        name = next(iter(needed or found["mismatched_keys"]))
        raise BackboneError(f"{folder} has no whole vision tower: its weights lack '{name}'.")
    return model


def _tower_parameters(folder: Path) -> int:
    """Those of the tower, by their names; of all weights where none has a tower's name."""
    from safetensors import safe_open

    sizes: dict[str, int] = {}
    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="np") as file:
            sizes |= {name: math.prod(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    tower = sum(size for name, size in sizes.items() if TOWER.match(name))
    return tower or sum(sizes.values())


def _not_loaded(folder: Path, error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    said = f"{type(error).__name__}: {lines[0][:300]}".rstrip(": .")
    return f"{folder} cannot be used as a vision encoder: {said}."

"""One adapter for every family that `AutoModelForImageTextToText` loads: load, format, answer.

torch and transformers are imported inside functions, so that listing backbones costs nothing.
"""

import inspect
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medmat_explorer.backbones.contract import Loaded, LoadOptions, Posed, Question, Report, Stopped, Writing, Written
from medmat_explorer.backbones.greedy_text import Hear, write_greedily
from medmat_explorer.backbones.letter_tokens import letter_tokens, unsayable
from medmat_explorer.backbones.model_folder import fingerprint, folder_facts, refusal
from medmat_explorer.backbones.placement import choose_device, choose_dtype, memory_problem
from medmat_explorer.backbones.square_picture import squared
from medmat_explorer.errors import BackboneError

if TYPE_CHECKING:
    from PIL.Image import Image

LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "pillow")
TEXT_TOKENS = 32


def load_folder(folder: str | Path, options: LoadOptions, report: Report) -> "TransformersBackbone":
    """Loads a local folder: safetensors only, no code from the folder, no network.

    Raises BackboneError with one sentence when the folder is refused, does not fit into memory or cannot be loaded.
    """
    folder, begin = Path(folder), time.perf_counter()
    report("Checking the folder.")
    if problem := refusal(folder):
        raise BackboneError(problem)
    report("Starting torch and transformers.")
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    dtype = choose_dtype(options.dtype, device)
    if problem := memory_problem(folder_facts(folder).parameters, device, dtype):
        raise BackboneError(problem)
    processor, model = _loaded(folder, device, dtype, report)
    libraries = {name: version(name) for name in LIBRARIES}
    facts = Loaded(fingerprint(folder), device, dtype, time.perf_counter() - begin, libraries)
    return TransformersBackbone(processor, model, facts)


def _loaded(folder: Path, device: str, dtype: str, report: Report) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        report("Reading the processor: image preparation and vocabulary.")
        load_processor: Any = AutoProcessor.from_pretrained
        processor = load_processor(folder, **safe)
        report("Reading the weights.")
        wanted = getattr(torch, dtype)
        load_model: Any = AutoModelForImageTextToText.from_pretrained
        model = load_model(folder, dtype=wanted, use_safetensors=True, **safe)
        report(f"Moving the weights to {device}.")
        return processor, model.to(device).eval()
    except Exception as error:  # whatever a model's own loading code raises, the reader gets one sentence
        raise BackboneError(f"The model in {folder} could not be loaded: {_first_line(error)}.") from error


class TransformersBackbone:
    """A processor and a model that are loaded, asked in batches padded on the left."""

    def __init__(self, processor: Any, model: Any, loaded: Loaded) -> None:
        self.loaded = loaded
        self._processor, self._model = processor, model
        self._tokenizer = getattr(processor, "tokenizer", processor)
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._vocabulary: Mapping[str, int] = self._tokenizer.get_vocab()
        self._last_only = "logits_to_keep" in inspect.signature(model.forward).parameters

    def refusal(self, question: Question) -> str:
        """Its vocabulary must hold every option letter as one token."""
        return unsayable(self._vocabulary, question.letters)

    def letters(self, batch: Sequence[Posed]) -> list[tuple[float, ...]]:
        """One forward pass; for each question a softmax over its letters at the answer position."""
        import torch

        keep = {"logits_to_keep": 1} if self._last_only else {}
        try:
            with torch.inference_mode():
                logits = self._model(**self._inputs(batch), **keep).logits[:, -1].float().cpu()
        except Exception as error:
            raise self._failure(error, len(batch)) from error
        return [self._probabilities(row, posed) for row, posed in zip(logits, batch, strict=True)]

    def write(self, batch: Sequence[Posed], stopped: Stopped, writing: Writing) -> list[Written]:
        """The softmax at the first token, and greedy text; a batch of one is heard while it is written."""
        key = batch[0].question.key
        hear: Hear | None = (lambda text: writing(key, text)) if len(batch) == 1 else None
        try:
            inputs = self._inputs(batch)
            logits, texts = write_greedily(self._model, self._tokenizer, inputs, TEXT_TOKENS, stopped, hear)
        except Exception as error:
            raise self._failure(error, len(batch)) from error
        numbers = [self._probabilities(row, posed) for row, posed in zip(logits, batch, strict=True)]
        return [Written(*said) for said in zip(numbers, texts, strict=True)]

    def prompt(self, text: str) -> str:
        """The question in this model's own form: its chat template, or without one the picture's mark and the text."""
        if not getattr(self._processor, "chat_template", None):
            return f"{getattr(self._processor, 'image_token', None) or ''}{text}"
        content = [{"type": "image"}, {"type": "text", "text": text}]
        talk = [{"role": "user", "content": content}]
        return str(self._processor.apply_chat_template(talk, add_generation_prompt=True))

    def _inputs(self, batch: Sequence[Posed]) -> Mapping[str, Any]:
        """Tensors on the model's device. Pictures go in as one list a question: some families need it so."""
        texts = [self.prompt(posed.question.prompt) for posed in batch]
        images = [[self._picture(posed.picture)] for posed in batch]
        start = self._tokenizer.bos_token
        plain = {"add_special_tokens": False} if start and texts[0].startswith(start) else {}
        inputs: Any = self._processor(images=images, text=texts, return_tensors="pt", padding=True, **plain)
        on_device: Mapping[str, Any] = inputs.to(self._model.device, dtype=self._model.dtype)
        return on_device

    def _picture(self, picture: "Image") -> "Image":
        preparation = getattr(self._processor, "image_processor", None)
        if not getattr(preparation, "do_center_crop", False):
            return picture
        return squared(picture, getattr(preparation, "image_mean", None))

    def _probabilities(self, row: Any, posed: Posed) -> tuple[float, ...]:
        import torch

        tokens = letter_tokens(self._vocabulary, posed.question.letters)
        best = torch.stack([row[list(ids)].max() for ids in tokens])
        if not bool(torch.isfinite(best).all()):
            raise BackboneError(_not_finite(self.loaded.dtype))
        return tuple(best.softmax(-1).tolist())

    def _failure(self, error: Exception, questions: int) -> BackboneError:
        if isinstance(error, BackboneError):
            return error
        if _is_memory(error):
            asked = "one question" if questions == 1 else f"{questions} questions at once"
            return BackboneError(f"Not enough memory on {self.loaded.device} for {asked}: unload other backbones.")
        return BackboneError(f"The backbone could not answer: {_first_line(error)}.")


def _not_finite(dtype: str) -> str:
    remedy = "its weights are damaged, so copy the folder again" if dtype == "float32" else "load it as float32"
    return f"The backbone's numbers for the option letters are not finite in {dtype}: {remedy}."


def _is_memory(error: Exception) -> bool:
    import torch

    words = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "not enough memory" in words


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}".rstrip(": .")

"""One adapter for every family that `AutoModelForImageTextToText` loads: load, format, answer.

What differs between families stands in `families.py`. torch and transformers are imported inside functions, so that
listing backbones costs nothing.
"""

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medmat_explorer.backbones.contract import (
    Capability,
    Loaded,
    LoadOptions,
    Posed,
    Question,
    Report,
    Stopped,
    Writing,
    Written,
)
from medmat_explorer.backbones.families import Family, family_named
from medmat_explorer.backbones.greedy_text import Hear, write_greedily
from medmat_explorer.backbones.hub_cache import commit_of
from medmat_explorer.backbones.letter_tokens import letter_tokens, unsayable
from medmat_explorer.backbones.lora_adapter import adapter_refusal, lay_on_top
from medmat_explorer.backbones.model_folder import fingerprint, folder_config, folder_facts, refusal
from medmat_explorer.backbones.option_likelihood import (
    TextLikelihood,
    last_logits_only,
    option_tokens,
    text_likelihoods,
)
from medmat_explorer.backbones.placement import Placement, memory_problem, placed, used_gb
from medmat_explorer.backbones.released_memory import give_back
from medmat_explorer.backbones.square_picture import squared
from medmat_explorer.backbones.weights import read_model
from medmat_explorer.errors import BackboneError

if TYPE_CHECKING:
    from PIL.Image import Image

LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "pillow")
TEXT_TOKENS = 32


def load_folder(folder: str | Path, options: LoadOptions, report: Report) -> "TransformersBackbone":
    """Loads a local folder: safetensors only, no code from the folder, no network.

    Raises BackboneError with one sentence when the folder or its adapter is refused, does not fit into memory or cannot
    be loaded.
    """
    folder, begin = Path(folder), time.perf_counter()
    report("Checking the folder.")
    if problem := refusal(folder) or family_refusal(folder):
        raise BackboneError(problem)
    if options.adapter and (problem := adapter_refusal(Path(options.adapter), folder)):
        raise BackboneError(problem)
    report("Starting torch and transformers.")
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    placement, facts = placed(options), folder_facts(folder)
    if problem := memory_problem(facts.parameters, placement.device, placement.dtype, placement.bits, facts.whole):
        raise BackboneError(problem)
    processor, model = _loaded(folder, placement, options, report)
    backbone = TransformersBackbone(processor, model, _facts(folder, placement, options, model, begin))
    report(f"Loaded: {backbone.loaded.memory_gb:.1f} GB are in use.")
    return backbone


def family_refusal(folder: Path) -> str:
    """Why a model of a known family cannot be asked, as a sentence; empty when it can."""
    config = folder_config(folder)
    if config.get("model_type") == "instructblip" and config.get("use_decoder_only_language_model") is False:
        return f"{folder} is InstructBLIP on T5, which cannot be asked for letters here: choose one on Vicuna."
    return ""


def _loaded(folder: Path, placement: Placement, options: LoadOptions, report: Report) -> tuple[Any, Any]:
    family = family_named(str(folder_config(folder).get("model_type", "")))
    try:
        report("Reading the processor: image preparation and vocabulary.")
        processor = family.load(folder)
        model = read_model(folder, placement, report)
        family.complete(processor, model.config)
        if options.adapter:
            report("Laying the adapter on top.")
            model = lay_on_top(model, Path(options.adapter))
        if options.compile:
            report("Compiling; the first answers take minutes.")
            model.compile(dynamic=True)
        return processor, model
    except BackboneError:
        raise
    except Exception as error:  # whatever a model's own loading code raises, the reader gets one sentence
        raise BackboneError(f"The model in {folder} could not be loaded: {_first_line(error)}.") from error


def _facts(folder: Path, placement: Placement, options: LoadOptions, model: Any, begin: float) -> Loaded:
    names = (*LIBRARIES, *(["peft"] if options.adapter else []), *(["bitsandbytes"] if placement.bits else []))
    adapter = Path(options.adapter)
    return Loaded(
        revision=fingerprint(folder),
        device=placement.device,
        dtype=placement.dtype,
        seconds=time.perf_counter() - begin,
        libraries={name: version(name) for name in names},
        commit=commit_of(folder),
        adapter=f"{adapter.name} {fingerprint(adapter)}" if options.adapter else "",
        bits=placement.bits,
        attention=str(getattr(model.config, "_attn_implementation", None) or ""),
        memory_gb=round(used_gb(placement.device), 3),
    )


class TransformersBackbone:
    """A processor and a model that are loaded, asked in batches padded on the left."""

    def __init__(self, processor: Any, model: Any, loaded: Loaded) -> None:
        self.loaded = loaded
        self._processor, self._model = processor, model
        self._family: Family = family_named(getattr(getattr(model, "config", None), "model_type", ""))
        self._tokenizer = getattr(processor, "tokenizer", processor)
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._vocabulary: Mapping[str, int] = self._tokenizer.get_vocab()
        self._last_only = last_logits_only(model)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What its family can be asked for."""
        return self._family.capabilities

    def refusal(self, question: Question) -> str:
        """Its vocabulary must hold every option letter as one token."""
        return unsayable(self._vocabulary, question.letters)

    def letters(self, batch: Sequence[Posed]) -> list[tuple[float, ...]]:
        """One forward pass; for each question a softmax over its letters at the answer position."""
        import torch

        try:
            with torch.inference_mode():
                logits = self._model(**self._inputs(batch), **self._last_only).logits[:, -1].float().cpu()
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

    def option_texts(self, posed: Posed, texts: Sequence[str]) -> tuple[TextLikelihood, ...]:
        """How likely each text is as the answer; picture and question are read once for all of them.

        Raises BackboneError when the family cannot (see `capabilities`), or a text is empty.
        """
        if Capability.OPTIONS not in self.capabilities:
            raise BackboneError("This backbone cannot score option texts: use the option letters.")
        prompt = self.prompt(posed.question.prompt)
        try:
            options = option_tokens(self._tokenizer, prompt, texts)
            return tuple(text_likelihoods(self._model, self._family, self._inputs([posed]), options))
        except Exception as error:
            raise self._failure(error, 1) from error

    def prompt(self, text: str) -> str:
        """The question in this model's own form: its chat template, or without one its family's bare form."""
        if not getattr(self._processor, "chat_template", None):
            mark = getattr(self._processor, "image_token", None) or ""
            return self._family.bare_prompt.replace("{mark}", str(mark)).replace("{text}", text)
        content = [{"type": "image"}, {"type": "text", "text": text}]
        talk = [{"role": "user", "content": content}]
        return str(self._processor.apply_chat_template(talk, add_generation_prompt=True))

    def unload(self) -> None:
        """Lets go of the model and gives its memory back; nothing can be asked afterwards."""
        self._model = self._processor = self._tokenizer = None
        give_back()

    def _inputs(self, batch: Sequence[Posed]) -> Any:
        """Tensors on the model's device. Pictures go in as one list a question: some families need it so."""
        if self._model is None:
            raise BackboneError("The backbone was unloaded: load it again.")
        texts = [self.prompt(posed.question.prompt) for posed in batch]
        images = [[self._picture(posed.picture)] for posed in batch]
        start = self._tokenizer.bos_token
        plain = {"add_special_tokens": False} if start and texts[0].startswith(start) else {}
        wishes = {**self._family.settings, **plain}
        inputs: Any = self._processor(images=images, text=texts, return_tensors="pt", padding=True, **wishes)
        ready: Any = self._family.prepare(inputs)
        return ready.to(self._model.device, dtype=self._model.dtype)

    def _picture(self, picture: "Image") -> "Image":
        preparation = getattr(self._processor, "image_processor", None)
        if not self._family.squares or not getattr(preparation, "do_center_crop", False):
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

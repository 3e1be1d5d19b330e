"""One adapter for every family that `AutoModelForImageTextToText` loads: load, format, answer.

What differs between families stands in `families.py`. torch and transformers are imported inside functions, so that
listing backbones costs nothing.
"""

import copy
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from medmat_explorer.backbones.attention_rollout import picture_map
from medmat_explorer.backbones.contract import (
    Capability,
    Grid,
    Loaded,
    LoadOptions,
    Posed,
    Question,
    Report,
    Sent,
    Stopped,
    Timing,
    Writing,
    Written,
)
from medmat_explorer.backbones.families import Family, family_named
from medmat_explorer.backbones.family_inputs import Inputs
from medmat_explorer.backbones.greedy_text import ending_tokens, heard, write_greedily
from medmat_explorer.backbones.hub_cache import commit_of
from medmat_explorer.backbones.letter_tokens import letter_probabilities, unsayable
from medmat_explorer.backbones.lora_adapter import adapter_refusal, lay_on_top
from medmat_explorer.backbones.memory_shortage import shortage
from medmat_explorer.backbones.model_folder import fingerprint, folder_config, folder_facts, refusal
from medmat_explorer.backbones.pictures import png
from medmat_explorer.backbones.placement import Placement, memory_problem, placed, used_gb
from medmat_explorer.backbones.prompt_tensors import Prompts, Ready
from medmat_explorer.backbones.released_memory import give_back
from medmat_explorer.backbones.shared_reading import Begun, Reading, last_logits_only, read_after
from medmat_explorer.backbones.weights import read_model
from medmat_explorer.errors import BackboneError

LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "pillow")
MAPPED = frozenset({Capability.ATTENTION})
NO_ATTENTION = (
    "This backbone does not tell where it attends: that needs a family whose picture tokens are a square grid, loaded "
    "with the attention 'eager'."
)


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
    adapter, family = Path(options.adapter), _family_of(model)
    attention = str(getattr(model.config, "_attn_implementation", None) or "")
    return Loaded(
        revision=fingerprint(folder),
        device=placement.device,
        dtype=placement.dtype,
        seconds=time.perf_counter() - begin,
        libraries={name: version(name) for name in names},
        commit=commit_of(folder),
        adapter=f"{adapter.name} {fingerprint(adapter)}" if options.adapter else "",
        bits=placement.bits,
        attention=attention,
        memory_gb=round(used_gb(placement.device), 3),
        capabilities=family.capabilities | (MAPPED if family.square and attention == "eager" else frozenset()),
    )


class TransformersBackbone:
    """A processor and a model that are loaded, asked in batches padded on the left."""

    def __init__(self, processor: Any, model: Any, loaded: Loaded) -> None:
        self.loaded = loaded
        self._model, self._family = model, _family_of(model)
        self.prompts = Prompts(processor, self._family, model.dtype)
        self._spelling = copy.deepcopy(self.prompts.tokenizer)  # the other one is at work in another thread meanwhile
        self._ends = ending_tokens(model, self._spelling)

    def refusal(self, question: Question) -> str:
        """Its vocabulary must hold every option letter as one token."""
        return unsayable(self.prompts.vocabulary, question.letters)

    def prepare(self, batch: Sequence[Posed]) -> Ready:
        """The batch as tensors; see `Prompts`."""
        try:
            return self.prompts.ready(batch)
        except Exception as error:
            raise self._failure(error, len(batch)) from error

    def answer(self, ready: Ready, stopped: Stopped, writing: Writing) -> list[Written]:
        """Letters by a softmax at the answer position, option texts, and greedy text, from one reading of each prefix.

        While one text alone is written, `writing` hears it.
        """
        import torch

        try:
            with torch.inference_mode():
                return self._answered(ready, stopped, writing)
        except Exception as error:
            raise self._failure(error, len(ready.questions)) from error

    def sent(self, posed: Posed) -> Sent:
        """The prompt with the model's own marks, and the picture as it goes into the preparation."""
        try:
            inputs = self.prompts.whole(posed)
            shape = tuple(int(side) for side in inputs["pixel_values"].shape)
            picture = png(self.prompts.picture(posed.picture))
            return Sent(self.prompts.text(posed.question.prompt), int(inputs["input_ids"].shape[1]), picture, shape)
        except Exception as error:
            raise self._failure(error, 1) from error

    def attention(self, posed: Posed) -> Grid:
        """Attention roll-out over the language part's layers, as rows over the picture as it is sent."""
        import torch

        if Capability.ATTENTION not in self.loaded.capabilities:
            raise BackboneError(NO_ATTENTION)
        try:
            inputs = self._moved(self.prompts.whole(posed))
            with torch.inference_mode():
                out = self._model(**inputs, output_attentions=True, use_cache=False, **last_logits_only(self._model))
                is_picture = inputs["input_ids"][0] == _picture_token(self._model.config)
                found = picture_map([layer[0] for layer in out.attentions], is_picture)
        except Exception as error:
            raise self._failure(error, 1) from error
        if found is None:
            raise BackboneError("This picture's tokens are no square grid, so there is no map of them.")
        return found

    def _answered(self, ready: Ready, stopped: Stopped, writing: Writing) -> list[Written]:
        begin, count = time.perf_counter(), len(ready.questions)
        writers = [place for place, question in enumerate(ready.questions) if question.wants_text]
        keep = bool(writers or any(ready.rests) or any(ready.options))
        reading = Reading(self._model, self._family, self._moved(ready.inputs))
        known = reading.prefixes(keep)
        logits, likelihoods, begun = read_after(reading, known, ready, writers)
        numbers = letter_probabilities(logits, ready.letters.to(logits.device))
        if numbers is None:
            raise BackboneError(_not_finite(self.loaded.dtype))
        read = time.perf_counter()
        texts = self._texts(reading, begun, ready, stopped, writing)
        each, decode = (read - begin) / count, (time.perf_counter() - read) / max(1, len(writers))
        return [
            Written(
                tuple(numbers[place][: len(question.letters)]),
                texts.get(place, ""),
                note=ready.notes[place],
                option_likelihoods=likelihoods.get(place, ()),
                prompt_tokens=ready.lengths[place],
                timing=Timing(ready.seconds / count, each, decode if question.wants_text else 0.0),
            )
            for place, question in enumerate(ready.questions)
        ]

    def _texts(
        self, reading: Reading, begun: Sequence[Begun], ready: Ready, stopped: Stopped, writing: Writing
    ) -> dict[int, str]:
        """What is written, by the question's place."""
        alone = len(begun) == 1 and len(begun[0].places) == 1
        key = ready.questions[begun[0].places[0]].key if begun else ""
        hear = heard(self._spelled, lambda text: writing(key, text)) if alone else None
        texts: dict[int, str] = {}
        for part in begun:
            limits = [ready.questions[place].tokens for place in part.places]
            written = write_greedily(reading, part.known, limits, self._ends, stopped, hear)
            texts |= {place: self._spelled(tokens) for place, tokens in zip(part.places, written, strict=True)}
        if alone:
            writing(key, next(iter(texts.values())))
        return texts

    def _spelled(self, tokens: Sequence[int]) -> str:
        return str(self._spelling.decode(tokens, skip_special_tokens=True))

    def _moved(self, inputs: Inputs) -> Inputs:
        """Tensors on the model's device."""
        return {name: value.to(self._model.device) for name, value in inputs.items()}

    def _failure(self, error: Exception, questions: int) -> BackboneError:
        if isinstance(error, BackboneError):
            return error
        if is_memory(error):
            give_back()
            return shortage(self.loaded.device, questions)
        return BackboneError(f"The backbone could not answer: {_first_line(error)}.")


def _family_of(model: Any) -> Family:
    return family_named(str(getattr(getattr(model, "config", None), "model_type", "")))


def _picture_token(config: Any) -> int:
    return int(getattr(config, "image_token_id", None) or config.image_token_index)


def _not_finite(dtype: str) -> str:
    remedy = "its weights are damaged, so copy the folder again" if dtype == "float32" else "load it as float32"
    return f"The backbone's numbers for the option letters are not finite in {dtype}: {remedy}."


def is_memory(error: Exception) -> bool:
    """Whether it says that there was too little memory."""
    import torch

    words = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "not enough memory" in words


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:300]}".rstrip(": .")

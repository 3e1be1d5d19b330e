"""The bundled backbone's words: its byte-level vocabulary, the form of its prompts, and its processor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medmat_explorer.experiments.bundled.recipe import Architecture, Processor, Tokens
from medmat_explorer.phantoms.questions import INSTRUCTION, LETTERS, question_choice
from medmat_explorer.phantoms.world import LABELS, all_subsets

PAD, BEGIN, END, IMAGE = "<pad>", "<s>", "</s>", "<image>"
YES, NO = "<yes>", "<no>"
VOCABULARY_SIZE = 640
PIXEL_MEAN, PIXEL_DEVIATION = (0.45, 0.40, 0.38), (0.28, 0.27, 0.27)

# The generation prompt ends in a newline, so that the answer's letter stands where an option's letter does
# and is the same token.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{% if message['role'] == 'assistant' %}</s>{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '\n' }}{% endif %}"
)


def make_tokenizer() -> Tokens:
    """A byte-level tokenizer in which each word of the synthetic world, and the whole instruction, is one token."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        min_frequency=2,
        special_tokens=[PAD, BEGIN, END, IMAGE, YES, NO],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(list(_sentences()), trainer)
    tokenizer.add_tokens([AddedToken("\n" + INSTRUCTION, normalized=False)])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BEGIN,
        eos_token=END,
        padding_side="left",
        extra_special_tokens={"image_token": IMAGE},
        model_max_length=512,
    )


def _sentences() -> Iterator[str]:
    for subset in all_subsets():
        for wording in subset.wordings:
            for _ in range(3):
                yield question_choice(wording, subset.labels[: len(LETTERS)])
        for label in subset.labels:
            yield f"\nA: {label}\nB: {label}"


def label_tokens(tokenizer: Tokens) -> dict[str, int]:
    """The token that tells each label from the others of its task: its first word, such as ` malignant`."""
    return {
        label: tokenizer.encode(" " + label.split()[0], add_special_tokens=False)[0]
        for labels in LABELS.values()
        for label in labels
    }


def make_processor(tokenizer: Tokens, architecture: Architecture) -> Processor:
    """Pictures to the model's size and range, prompts to tokens, by the prompt form above."""
    from transformers import LlavaProcessor

    return LlavaProcessor(  # type: ignore[no-untyped-call]
        image_processor=_image_processor(architecture.image_side),
        tokenizer=tokenizer,
        patch_size=architecture.patch_side,
        vision_feature_select_strategy="default",
        image_token=IMAGE,
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )


def _image_processor(side: int) -> Any:
    from transformers import CLIPImageProcessorPil

    return CLIPImageProcessorPil(
        do_resize=True,
        size={"height": side, "width": side},
        do_center_crop=False,
        do_convert_rgb=True,
        image_mean=list(PIXEL_MEAN),
        image_std=list(PIXEL_DEVIATION),
    )

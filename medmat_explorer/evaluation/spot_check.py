"""From answers to verdicts and scores, with the controls that make a number mean something."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from medmat_explorer.backbones.contract import Answer, Reply
from medmat_explorer.domain.qa import Option, QAItem
from medmat_explorer.evaluation.answer_reader import read_letter, read_option
from medmat_explorer.evaluation.chosen import mean_chance
from medmat_explorer.evaluation.label_key import label_key
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Verdict, Way
from medmat_explorer.evaluation.statistics import Score


@dataclass(frozen=True)
class Scores:
    """The scores of one set of answers: by letter, by text, by option text (None where it was not asked for).

    All are None when nothing was answered yet. `no_picture` counts every item that was not asked: its picture cannot be
    shown, or the backbone has no token for one of its letters; `problem` of the answer says which.
    """

    letters: Score | None
    text: Score | None
    options: Score | None
    disagreements: int
    no_picture: int

    @property
    def headline(self) -> Score | None:
        """By what the model wrote, where it wrote; else by its most probable letters; else by its likeliest options."""
        return self.text or self.letters or self.options


NO_NUMBERS = (
    "The backbone gave no numbers: its arithmetic overflowed. Load it in bfloat16 or float32 and ask this item again."
)


def judge(
    item: QAItem,
    reply: Reply,
    variant: str = MAIN,
    usual: str = "",
    *,
    lettered: bool = True,
    shown: str = "",
    wording: int = 0,
) -> JudgedAnswer:
    """The reply to an item as it was put (rotated options and all), with its text read.

    `usual` is the most frequent label of the item's subset in the whole collection, `shown` the key of another item
    whose picture was shown, `wording` the number of the wording that was asked, where that is known. Where the prompt
    is not `lettered` nothing is made of letters. An answer whose numbers are none is a problem and no answer; halves of
    characters in a text are replaced by the sign for that (U+FFFD).
    """
    said = _said(reply, item.options, lettered) if isinstance(reply, Answer) else {"problem": reply.sentence}
    return JudgedAnswer(
        item=item.key,
        variant=variant,
        subset=item.subset,
        options=tuple((option.letter, option.text) for option in item.options),
        right=item.answer_letter,
        label=", ".join(sorted(item.labels)),
        usual=usual,
        shown=shown,
        wording=wording,
        **said,
    )


def _said(answer: Answer, options: Sequence[Option], lettered: bool) -> dict[str, Any]:
    if not all(map(isfinite, (*answer.probabilities, *answer.option_likelihoods))):
        return {"problem": NO_NUMBERS}
    text = None if answer.text is None else whole_text(answer.text)
    read = read_letter if lettered else read_option
    return {
        "chosen": answer.chosen if lettered else "",
        "probabilities": tuple(min(1.0, max(0.0, p)) for p in answer.probabilities) if lettered else (),
        "text": text,
        "read": None if text is None else read(text, options),
        "option_likelihoods": answer.option_likelihoods,
        "seconds": answer.seconds,
        "note": answer.note,
        "prompt_tokens": answer.prompt_tokens,
        "timing": answer.timing,
    }


def whole_text(text: str) -> str:
    """The text without halves of characters, which no file in UTF-8 can hold: each becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def score_answers(answers: Iterable[JudgedAnswer], variant: str = MAIN) -> Scores:
    """Scores of the answers to one variant of the question. Items without a picture are counted apart, not in n."""
    chosen = [answer for answer in answers if answer.variant == variant]
    asked = [answer for answer in chosen if not answer.problem]
    return Scores(
        letters=score_way(asked, Way.LETTER),
        text=score_way(asked, Way.WRITTEN),
        options=score_way(asked, Way.OPTION_TEXT),
        disagreements=sum(answer.disagrees for answer in asked),
        no_picture=len(chosen) - len(asked),
    )


def score_by_subset(answers: Iterable[JudgedAnswer], variant: str = MAIN) -> dict[str, Scores]:
    """The same for each subset."""
    groups: defaultdict[str, list[JudgedAnswer]] = defaultdict(list)
    for answer in answers:
        groups[answer.subset].append(answer)
    return {subset: score_answers(group, variant) for subset, group in sorted(groups.items())}


def majority_share(answers: Sequence[JudgedAnswer]) -> float:
    """Share of items whose label is their subset's most frequent one in the collection.

    Where that is not known, the most frequent one among these answers stands for it, which is too high for few items.
    """
    labels: defaultdict[str, Counter[frozenset[str]]] = defaultdict(Counter)
    for answer in answers:
        labels[answer.subset][_label(answer)] += 1
    often = {subset: counts.most_common(1)[0][0] for subset, counts in labels.items()}
    usual = (label_key(answer.usual) or often[answer.subset] for answer in answers)
    return sum(_label(answer) == habit for answer, habit in zip(answers, usual, strict=True)) / len(answers)


def _label(answer: JudgedAnswer) -> frozenset[str]:
    """The right labels; those of early records stand in the right option alone."""
    return label_key(answer.label or answer.right_text)


def score_way(answers: Iterable[JudgedAnswer], way: Way) -> Score | None:
    """The score of the answers that were taken in one way; None without any."""
    taken = [answer for answer in answers if way in answer.ways]
    if not taken:
        return None
    counts = Counter(answer.by(way) for answer in taken)
    unparsed = counts[Verdict.UNPARSED]
    return Score(counts[Verdict.CORRECT], len(taken), unparsed, mean_chance(taken), majority_share(taken))

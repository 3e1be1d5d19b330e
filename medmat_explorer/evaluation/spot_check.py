"""From answers to verdicts and scores, with the controls that make a number mean something."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from medmat_explorer.backbones.contract import Answer, Reply, Unanswered
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.answer_reader import read_letter
from medmat_explorer.evaluation.circular import circular_score
from medmat_explorer.evaluation.label_key import label_key
from medmat_explorer.evaluation.run_record import BLANK, MAIN, JudgedAnswer, Verdict
from medmat_explorer.evaluation.statistics import Score


@dataclass(frozen=True)
class Scores:
    """The scores of one set of answers: by probability, by text (None without text), and who was left out.

    `letters` and `text` are None when nothing was answered yet. `no_picture` counts every item that was not asked: its
    picture cannot be shown, or the backbone has no token for one of its letters; `problem` of the answer says which.
    """

    letters: Score | None
    text: Score | None
    disagreements: int
    no_picture: int

    @property
    def headline(self) -> Score | None:
        """By what the model wrote, where it wrote; else by its most probable letters."""
        return self.text or self.letters


@dataclass(frozen=True)
class Controls:
    """What the controls say: with a grey picture, and under every rotation of the options.

    `circular` counts an item as right when its most probable letter is right under every rotation. Its chance is that
    of guessing each rotation anew, its majority 0: no constant answer is right under two rotations.
    """

    blank: Scores | None = None
    circular: Score | None = None


def judge(item: QAItem, reply: Reply, variant: str = MAIN, usual: str = "") -> JudgedAnswer:
    """The reply to an item as it was put (rotated options and all), with its text read.

    `usual` is the most frequent label of the item's subset in the whole collection.
    """
    options = tuple((option.letter, option.text) for option in item.options)
    answer = reply if isinstance(reply, Answer) else None
    text = answer.text if answer else None
    return JudgedAnswer(
        item=item.key,
        variant=variant,
        subset=item.subset,
        options=options,
        right=item.answer_letter,
        probabilities=answer.probabilities if answer else (),
        text=text,
        read=None if text is None else read_letter(text, item.options),
        problem=reply.sentence if isinstance(reply, Unanswered) else "",
        label=", ".join(sorted(item.labels)),
        usual=usual,
        seconds=answer.seconds if answer else 0.0,
        note=answer.note if answer else "",
    )


def score_answers(answers: Iterable[JudgedAnswer], variant: str = MAIN) -> Scores:
    """Scores of the answers to one variant of the question. Items without a picture are counted apart, not in n."""
    chosen = [answer for answer in answers if answer.variant == variant]
    asked = [answer for answer in chosen if not answer.problem]
    likely = [answer for answer in asked if answer.probabilities]
    written = [answer for answer in asked if answer.text is not None]
    return Scores(
        letters=_score(likely, lambda answer: answer.by_letter),
        text=_score(written, lambda answer: answer.by_text),
        disagreements=sum(answer.disagrees for answer in written),
        no_picture=len(chosen) - len(asked),
    )


def score_by_subset(answers: Iterable[JudgedAnswer], variant: str = MAIN) -> dict[str, Scores]:
    """The same for each subset."""
    groups: defaultdict[str, list[JudgedAnswer]] = defaultdict(list)
    for answer in answers:
        groups[answer.subset].append(answer)
    return {subset: score_answers(group, variant) for subset, group in sorted(groups.items())}


def score_controls(answers: Sequence[JudgedAnswer]) -> Controls:
    """What the answers to the controls say; None for a control that has no answers yet."""
    blank = score_answers(answers, BLANK)
    return Controls(blank if blank.headline else None, circular_score(answers))


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


def _score(answers: Sequence[JudgedAnswer], verdict: Callable[[JudgedAnswer], Verdict | None]) -> Score | None:
    if not answers:
        return None
    counts = Counter(verdict(answer) for answer in answers)
    chance = sum(1 / len(answer.options) for answer in answers) / len(answers)
    return Score(counts[Verdict.CORRECT], len(answers), counts[Verdict.UNPARSED], chance, majority_share(answers))

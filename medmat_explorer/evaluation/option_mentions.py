"""Which options a text names without denying them."""

import re
from collections.abc import Sequence

from medmat_explorer.domain.qa import Option

YES_NO = ("yes", "no")
DENIES = re.compile(
    r"\b(?:not|no|never|without|neither|nor|cannot|unlikely|exclude[sd]?|excluding|rule[sd]?\s+out|ruling\s+out|"
    r"negative\s+for|absence\s+of|free\s+of|rather\s+than|instead\s+of)\b|n't\b|\bnon-$"
)
UNSURE = re.compile(
    r"\b(?:whether|if|unclear|unsure|uncertain|unable|unknown|either|difficult|hard\s+to|impossible|not\s+sure|"
    r"cannot\s+(?:tell|say|determine|be\s+determined)|can't\s+(?:tell|say|determine))\b"
)
TURN = re.compile(
    r"\b(?:but|however|instead(?!\s+of)|rather(?!\s+than)|it\s+is(?!\s+not)|it's(?!\s+not)|is\s+actually)\b"
    r"|[.;:!?\n](?:\s|$)|,\s+(?=(?:it|this|so|there)\b)"
)
OR_BEFORE = re.compile(r"(?:\bor|/)\s*(?:an?\s+|the\s+)?$")
OR_AFTER = re.compile(r"\s*(?:/|\b(?:or|and/or)\b)")


def plain(text: str) -> str:
    """For comparing: lower case, one blank, nothing around it that is no word."""
    return re.sub(r"\s+", " ", text).strip(" .,;:!()[]{}'\n").casefold()


def same_text(option: str, text: str) -> bool:
    """Whether a text is the option's and nothing else."""
    return plain(option) == plain(text) != ""


def mentioned(said: str, options: Sequence[Option]) -> set[str]:
    """Letters of the options named and not denied; an option inside a longer one's text does not count.

    Nothing is named where an "or" stands beside an option. One letter alone, and `yes` or `no` anywhere but at the
    beginning, are no mention.
    """
    text, letters = said.casefold(), set()
    for option in sorted(options, key=lambda option: -len(option.text)):
        pattern = _pattern(plain(option.text))
        for found in pattern.finditer(text):
            before, after = text[: found.start()], text[found.end() :]
            if OR_BEFORE.search(before) or OR_AFTER.match(after):
                return set()
            if _counts(plain(option.text), before) and not _denied(before):
                letters.add(option.letter)
        text = pattern.sub(lambda found: "\0" * len(found[0]), text)
    return letters


def _pattern(wanted: str) -> re.Pattern[str]:
    if not wanted or (len(wanted) == 1 and wanted.isalpha()):
        return re.compile(r"(?!)")
    words = r"\s+".join(map(re.escape, wanted.split()))
    number_before = r"(?<!\d\.)" if wanted[0].isdigit() else ""
    number_after = r"(?!\.?\d)" if wanted[-1].isdigit() else ""
    return re.compile(rf"{number_before}(?<![\w\0]){words}(?![\w\0]|-\w){number_after}")


def _counts(wanted: str, before: str) -> bool:
    return wanted not in YES_NO or not before.strip(" .,:;()\n")


def _denied(before: str) -> bool:
    """Whether the words since the last turn of the sentence deny or doubt what comes."""
    since = TURN.split(before)[-1]
    return bool(DENIES.search(since)) or bool(UNSURE.search(re.split(r"[.;!?\n](?:\s|$)", before)[-1]))

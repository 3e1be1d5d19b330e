"""Which options a text names without denying them."""

import re
from collections.abc import Sequence

from medmat_explorer.domain.qa import Option

YES_NO = ("yes", "no")
DENIES = re.compile(
    r"\b(?:not|no|never|without|neither|nor|cannot|unlikely|exclude[sd]?|excluding|rule[sd]?\s+out|ruling\s+out|"
    r"negative\s+for|absence\s+of|free\s+of|rather\s+than|instead\s+of|kein\w*|nicht|ohne|weder|sans|pas)\b|n't\b|\bnon-$"
)
IS = r"(?:is|are|was|were|can\s+be|could\s+be|has\s+been|seems|appears)"
DENIED_AFTER = re.compile(
    rf"\s*[:(–—-]?\s*(?:{IS}\s+)?"
    r"(?:absent|excluded|ruled\s+out|unlikely|not\s+(?:seen|present|visible|found|shown|likely))\b"
    rf"|\s+(?:{IS}\s+)?negative\b(?!\s+for)|\s+{IS}\s+(?:wrong|incorrect|false)\b"
    r"|\s+(?:(?:is|are|was|were|does|do|can|could|seems|appears)(?:\s+not|n't)|cannot|ist\s+nicht)\b"
    r"|\s*[:–—-]\s*no\b|\s*\?"
)
"""What takes an option back after its text: `cyst is unlikely`, `cyst: no`, `cyst?`."""
UNSURE = re.compile(
    r"\b(?:whether|if|unclear|unsure|uncertain|unable|unknown|either|difficult|hard\s+to|impossible|not\s+sure|"
    r"cannot\s+(?:tell|say|determine|be\s+determined)|can't\s+(?:tell|say|determine))\b"
)
TURN = re.compile(
    r"\b(?:but|however|instead(?!\s+of)|rather(?!\s+than)|it\s+is(?!\s+not)|it's(?!\s+not)|is\s+actually)\b"
    r"|[.;:!?\n](?:\s|$)|,\s+(?=(?:it|this|so|there)\b)"
)
OR_BEFORE = re.compile(r"(?:\bor|\boder|/)\s*(?:an?\s+|the\s+)?$")
OR_AFTER = re.compile(r"\s*(?:/|\b(?:or|and/or|oder)\b)")
BOTH = re.compile(r"(?:yes|no)\s*(?:,|and|or|/)\s*(?:yes|no)\b")
RANGE_BEFORE = r"(?<!\d\.)(?<!\d[-–—/])(?<!\d\s[-–—/]\s)(?<!(?<!\w)[-−])"
RANGE_AFTER = r"(?!\.?\d|\s?[-–—/]\s?\d)"
"""A number as an option is none where it is part of another number, of a range, or negative."""


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
            if _denied(before) or DENIED_AFTER.match(after):
                continue
            if OR_BEFORE.search(before) or OR_AFTER.match(after) or BOTH.match(found[0] + after):
                return set()
            if _counts(plain(option.text), before):
                letters.add(option.letter)
        text = pattern.sub(lambda found: "\0" * len(found[0]), text)
    return letters


def _pattern(wanted: str) -> re.Pattern[str]:
    if not wanted or (len(wanted) == 1 and wanted.isalpha()):
        return re.compile(r"(?!)")
    words = r"\s+".join(map(re.escape, wanted.split()))
    before = RANGE_BEFORE if wanted[0].isdigit() else r"(?<!\w\w-)"
    after = RANGE_AFTER if wanted[-1].isdigit() else ""
    after += r"(?!\s+of\b)" if wanted == "none" else ""
    return re.compile(rf"{before}(?<![\w\0]){words}(?![\w\0]|-\w){after}")


def _counts(wanted: str, before: str) -> bool:
    return wanted not in YES_NO or not before.strip(" .,:;()\n")


def _denied(before: str) -> bool:
    """Whether the words since the last turn of the sentence deny or doubt what comes."""
    since = TURN.split(before)[-1]
    return bool(DENIES.search(since)) or bool(UNSURE.search(re.split(r"[.;!?\n](?:\s|$)", before)[-1]))

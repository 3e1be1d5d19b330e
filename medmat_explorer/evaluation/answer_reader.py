"""Free text to an option letter, or None: what cannot be read is never guessed.

Read in this order, and the first way that has something to say decides: the whole text is a letter or an option; it
begins with a letter as a label; it declares one ("the answer is B"); it names exactly one option's text and does not
deny it. Two letters, an "either ... or", a denial, a letter that does not fit the text beside it: None.
"""

import re
import unicodedata
from collections.abc import Sequence

from medmat_explorer.domain.qa import Option
from medmat_explorer.evaluation.option_mentions import mentioned, same_text

LETTER = r"[(\[]?\s*([A-Za-z])\s*[)\]]?"
BECAUSE = r"(?:because|since|as|due|given|based)\b"
BARE = re.compile(rf"{LETTER}\s*[.:,;!]?")
LABEL = re.compile(
    r"[(\[]?([A-Za-z])(?:[)\]][.:,]?|[.:,]|\s+[-–—](?=\s)|\s*\n)(?:\s+|$|(?=[A-Z]))(.*)",
    re.DOTALL,
)
SPACED = re.compile(r"[(\[]?([A-Za-z])[)\]]?\s+(.+)", re.DOTALL)
BRACKETED = re.compile(r"[(\[]([A-Z])[)\]]")
LABELLED = re.compile(r"(?<![\w'])[(\[]?([A-Z])[)\].:](?=\s|$)")
SECOND = re.compile(
    r"(?:(?:and|or|&|/)\s*)+(?:maybe\s+|perhaps\s+|possibly\s+)?[(\[]?[A-Za-z](?![\w'])"
    r"|[(\[]?[A-Za-z][)\]]?(?=\s*(?:$|[.,;:&/)]|and\b|or\b))"
)
ONLY_LETTERS = re.compile(r"(?=.*[A-Z])(?:[A-Z]|\band\b|\bor\b|[\s.,;:/&()])+", re.DOTALL)
"""What follows a first letter when the text lists several: another letter, or letters and nothing else."""

CUE = r"(?:answer|option|choice|letter|select|choose|pick|diagnosis)"
LINKS = r"is|(?:would|should|must)\s+be|with|letter|option|choice|probably|likely|clearly|therefore|thus|to"
GOES_ON = rf"(?:{BECAUSE}|(?:and|or|is|was|with|for|in|which|where|that)\b)"
END = rf"(?:(?<=[)\]])|(?=\s*(?:$|[.,;:!()\]\n])|\s+{GOES_ON}|\s*[-–—/]\s))"
SAYS = r"it\s+is|it's|this\s+is|(?:go|going)\s+(?:with|for)|would\s+say"
DECLARATIONS = (
    re.compile(rf"\b{CUE}\b(?:\s+(?:{LINKS}))*\s*[:=–—-]*\s*{LETTER}{END}", re.IGNORECASE),
    re.compile(rf"\b(?:{SAYS})(?:\s+(?:option|letter))?\s+{LETTER}{END}", re.IGNORECASE),
    re.compile(rf"(?:答案|选项|选择|选)(?:是|为|应为)?\s*:?\s*{LETTER}(?![A-Za-z])"),
    re.compile(
        rf"(?<![\w']){LETTER}\s+(?:is|(?:would|must)\s+be)\s+(?:the\s+)?(?:most\s+)?(?:likely\s+)?"
        r"(?:correct|right|best|answer|true)\b"
    ),
)
DENIED_BEFORE = re.compile(r"\b(?:not|never|neither|nor|cannot|rather\s+than|instead\s+of|wrong|incorrect)\b|n't\b")
DENIED_AFTER = re.compile(r"\s+(?:is|was)(?:n't|\s+(?:not|wrong|incorrect|unlikely|false))\b")
ALTERNATIVE = re.compile(
    r"\s*(?:,|or|and|/|&|and/or|或|和|、|[-–—])\s*(?:or\s+|and\s+|option\s+)?[(\[]?([A-Za-z])(?![\w'])"
)
ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)

Reading = tuple[bool, str | None]
"""Whether this way of reading has something to say, and the letter that it reads (None: unreadable for good)."""
SILENT: Reading = (False, None)


def read_letter(text: str, options: Sequence[Option]) -> str | None:
    """The letter of the option that the text chooses, or None when it cannot be read."""
    said = clean(text)
    if not said or said.endswith("?"):
        return None
    for way in (_whole, _label, _declared, _named):
        speaks, letter = way(said, options)
        if speaks:
            return letter
    return None


def clean(text: str) -> str:
    """Without emphasis, quotes, tags and the like; line ends are kept, other space is one blank."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    text = re.sub(r"</?[a-zA-Z_|]+>|[*`\"“”„«»$#{}]|\\(?:boxed|text|textbf|mathrm|mathbf)|__", "", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _whole(said: str, options: Sequence[Option]) -> Reading:
    """A letter alone (the letter asked for, even where an option's text is a letter), or an option's text alone."""
    if bare := BARE.fullmatch(said):
        return True, _known(bare[1], options)
    fits = _texts_equal(said, options)
    return (True, fits[0]) if len(fits) == 1 else SILENT


def _label(said: str, options: Sequence[Option]) -> Reading:
    """`B: Cyst`, `(b) cyst`, `B. because ...`; a list of several only speaks when nothing is declared after it."""
    found = LABEL.match(said)
    if found is None:
        return _spaced(said, options)
    letter, rest = _known(found[1], options), found[2].strip()
    several = len({label for label in LABELLED.findall(said) if _known(label, options)}) > 1
    own = letter in _texts_equal(rest, options)
    if several or (not own and (SECOND.match(rest) or ONLY_LETTERS.fullmatch(rest))):
        declared = any(pattern.search(said) for pattern in DECLARATIONS)
        return SILENT if declared else (True, None)
    return True, letter if _agrees(letter, rest, options) else None


def _spaced(said: str, options: Sequence[Option]) -> Reading:
    """`B Cyst` and `B because ...`; `A cyst` only speaks when A is the cyst, and `B or C` is unreadable."""
    found = SPACED.match(said)
    if found is None:
        return SILENT
    letter, rest = _known(found[1], options), found[2]
    if letter and (letter in _texts_equal(rest, options) or (found[1].isupper() and re.match(BECAUSE, rest))):
        return True, letter
    return (True, None) if found[1].isupper() and SECOND.match(rest) else SILENT


def _declared(said: str, options: Sequence[Option]) -> Reading:
    """`the answer is B`, `Answer: b`, `I choose (B)`, `B is correct`; two different ones cannot be read."""
    letters = {
        _declared_letter(found, said, options)
        for pattern in DECLARATIONS
        for found in pattern.finditer(said)
        if not _is_denied(found, said)
    }
    if not letters:
        return SILENT
    return True, letters.pop() if len(letters) == 1 else None


def _named(said: str, options: Sequence[Option]) -> Reading:
    """Exactly one option's text, affirmed, and no other option's letter in brackets beside it."""
    letters = mentioned(said, options)
    beside = {_known(letter, options) for letter in BRACKETED.findall(said)} - {None}
    return True, letters.pop() if len(letters) == 1 and beside <= letters else None


def _declared_letter(found: re.Match[str], said: str, options: Sequence[Option]) -> str | None:
    after = said[found.end() :]
    other = ALTERNATIVE.match(after)
    listed = other and other[1] != "a" and _known(other[1], options)
    if listed or re.search(r"\beither\b", _clause_before(found, said)):
        return None
    letter = _known(found[1], options)
    return letter if _agrees(letter, after.lstrip(" .,:;)]-–—\n"), options) else None


def _is_denied(found: re.Match[str], said: str) -> bool:
    before, after = _clause_before(found, said), said[found.end(1) :].lstrip(")]}")
    return DENIED_BEFORE.search(before) is not None or DENIED_AFTER.match(after) is not None


def _clause_before(found: re.Match[str], said: str) -> str:
    return re.split(r"[.,;:!?\n](?:\s|$)", said[: found.start(1)])[-1].lower()


def _known(letter: str, options: Sequence[Option]) -> str | None:
    return next((option.letter for option in options if option.letter.upper() == letter.upper()), None)


def _texts_equal(text: str, options: Sequence[Option]) -> list[str]:
    """Letters of the options whose text this is, as it stands or without its article."""
    exact = [option.letter for option in options if same_text(option.text, text)]
    return exact or [option.letter for option in options if same_text(option.text, ARTICLE.sub("", text))]


def _agrees(letter: str | None, rest: str, options: Sequence[Option]) -> bool:
    """Whether there is a letter, and the words after it are not another option's text."""
    first = re.split(r"[.;\n]|,\s", rest, maxsplit=1)[0]
    named = _texts_equal(rest, options) or _texts_equal(first, options)
    return letter is not None and (not named or letter in named)

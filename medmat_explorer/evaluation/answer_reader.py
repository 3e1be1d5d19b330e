"""Free text to an option letter, or None: what cannot be read is never guessed.

Read in this order, and the first that speaks decides: the whole text is a letter or an option; it begins with a letter as
a label; it declares one ("the answer is B"); it names exactly one option's text and does not deny it. Two letters, an
"either ... or", a denial, a letter that does not fit the text beside it: None.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from medmat_explorer.domain.qa import Option
from medmat_explorer.evaluation.option_mentions import mentioned, plain, same_text

LABEL = re.compile(r"^[(\[{]?([A-Za-z])(?:[)\]}][.:,]?|[.:,]|\s+[-–—](?=\s)|\s*\n)(?:\s+|$|(?=[A-Z]))(.*)$", re.DOTALL)
BARE = re.compile(r"^[(\[{]?\s*([A-Za-z])\s*[)\]}]?\s*[.:,;!]?$")
SPACED = re.compile(r"^[(\[{]?([A-Za-z])[)\]}]?\s+(.+)$", re.DOTALL)
LABELLED = re.compile(r"(?<![\w'])[(\[]?([A-Z])[)\].:](?=\s|$)")
LISTED = re.compile(r"^(?:(?:and|or|&|/)\s*)+[(\[]?([A-Za-z])(?![\w'])|^[(\[]?([A-Z])[)\]]?(?=\s*(?:$|[.,;:&/)]|and\b|or\b))")
CUE = r"(?:answer|option|choice|letter|select|choose|pick|diagnosis)"
LINK = r"(?:\s+(?:is|would\s+be|should\s+be|must\s+be|with|go\s+with|letter|option|choice|probably|likely|clearly|therefore|thus|to))*"
LETTER = r"[(\[{]?\s*([A-Za-z])\s*[)\]}]?"
AFTER = r"(?=\s*(?:$|[.,;:!)\]\n])|\s+(?:because|since|as|due|given|based|and|or|is|was|with|for|in)\b|\s*[-–—/]\s)"
DECLARED = re.compile(rf"\b{CUE}\b{LINK}\s*[:=\-–—]*\s*{LETTER}{AFTER}", re.IGNORECASE)
IT_IS = re.compile(
    rf"\b(?:it\s+is|it's|this\s+is|go\s+with|going\s+with|go\s+for|would\s+say)(?:\s+(?:option|letter))?\s+{LETTER}{AFTER}",
    re.IGNORECASE,
)
CORRECT = re.compile(rf"(?<![\w']){LETTER}\s+(?:is|would\s+be|must\s+be)\s+(?:the\s+)?(?:most\s+likely\s+|most\s+)?(?:correct|right|best|answer|true)\b")
DENIAL = re.compile(r"\b(?:not|never|neither|nor|isn't|wasn't|cannot|can't|rather\s+than|instead\s+of|wrong|incorrect)\b|n't\b")
ALTERNATIVE = re.compile(r"^\s*(?:,|or|and|/|&|and/or|[-–—])\s*(?:or\s+|and\s+|option\s+)?[(\[]?([A-Za-z])(?![\w'])")
ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)


def read_letter(text: str, options: Sequence[Option]) -> str | None:
    """The letter of the option that the text chooses, or None when it cannot be read."""
    said = clean(text)
    if not said or said.endswith("?"):
        return None
    for read in (_whole, _label, _declared, _named):
        spoken, letter = read(said, options)
        if spoken:
            return letter
    return None


def clean(text: str) -> str:
    """Without emphasis, quotes, tags and the like; line ends are kept, other space is one blank."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = re.sub(r"</?[a-zA-Z_|]+>|[*`\"“”„«»$#]|\\boxed|__", "", text)
    text = re.sub(r"[^\S\n]+", " ", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


Reading = tuple[bool, str | None]
"""Whether this way of reading has something to say, and the letter that it reads (None: it cannot be read at all)."""
SILENT: Reading = (False, None)


def _whole(said: str, options: Sequence[Option]) -> Reading:
    """A letter alone, or an option's text alone with or without an article. A bare letter is the letter asked for."""
    if bare := BARE.match(said):
        return True, _known(bare[1], options)
    fits = [option.letter for option in options if same_text(option.text, said)]
    fits = fits or [option.letter for option in options if same_text(option.text, ARTICLE.sub("", said))]
    return (True, fits[0]) if len(fits) == 1 else SILENT


def _label(said: str, options: Sequence[Option]) -> Reading:
    """`B: Cyst`, `(b) cyst`, `B. because ...`, `B Cyst`; not `A cyst`, and not a list of several."""
    if found := LABEL.match(said):
        letter, rest = _known(found[1], options), found[2].strip()
        several = len({label for label in LABELLED.findall(said) if _known(label, options)}) > 1
        if several or LISTED.match(rest):
            return SILENT if DECLARED.search(said) else (True, None)
        return True, letter if _agrees(letter, rest, options) else None
    if found := SPACED.match(said):
        own = [option for option in options if option.letter == found[1].upper()]
        if own and same_text(own[0].text, found[2]):
            return True, own[0].letter
        if LISTED.match(found[2]) and found[1].isupper():
            return True, None
    return SILENT


def _declared(said: str, options: Sequence[Option]) -> Reading:
    """`the answer is B`, `Answer: b`, `I choose (B)`, `B is correct`; two different ones cannot be read."""
    letters: set[str | None] = set()
    for found in _declarations(said):
        before, after = _clause(said[: found.start(1)]), said[found.end() :]
        if DENIAL.search(before) or _is_article(found[1], before, after):
            continue
        letter = _known(found[1], options)
        other = ALTERNATIVE.match(after)
        rest = after.lstrip(" .,:;)]-–—\n")
        if (other and _known(other[1], options) and not _is_article(other[1], "", after[other.end() :])) or re.search(
            r"\beither\b", before
        ):
            letter = None
        letters.add(letter if _agrees(letter, rest, options) else None)
    if not letters:
        return SILENT
    return True, letters.pop() if len(letters) == 1 else None


def _declarations(said: str) -> Iterator[re.Match[str]]:
    for pattern in (DECLARED, IT_IS, CORRECT):
        yield from pattern.finditer(said)


def _named(said: str, options: Sequence[Option]) -> Reading:
    """Exactly one option's text, affirmed."""
    letters = mentioned(said, options)
    return True, letters.pop() if len(letters) == 1 else None


def _known(letter: str, options: Sequence[Option]) -> str | None:
    return next((option.letter for option in options if option.letter.upper() == letter.upper()), None)


def _clause(before: str) -> str:
    return re.split(r"[.;:!?\n](?:\s|$)", before)[-1].lower()


def _is_article(letter: str, before: str, after: str) -> bool:
    """Whether an `a` is the word: followed by another word that does not explain a choice."""
    follows = re.match(r"\s+(\w+)", after)
    explains = follows and follows[1] in ("because", "since", "as", "due", "given", "based", "is", "was", "and", "or")
    return letter in ("a", "I", "i") and bool(follows) and not explains if letter != "A" else bool(follows) and not explains


def _agrees(letter: str | None, rest: str, options: Sequence[Option]) -> bool:
    """Whether the words after a letter are not another option's text."""
    if letter is None:
        return False
    first = re.split(r"[.;\n]|,\s", rest, maxsplit=1)[0]
    named = [option.letter for option in options if same_text(option.text, ARTICLE.sub("", first))]
    named = named or [option.letter for option in options if same_text(option.text, first)]
    named = named or [option.letter for option in options if same_text(option.text, rest)]
    return not named or letter in named or not plain(rest)

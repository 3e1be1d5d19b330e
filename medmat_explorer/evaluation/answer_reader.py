"""Free text to an option letter, or None: what cannot be read is never guessed.

Read in this order, and the first way that has something to say decides: the whole text is a letter or an option; it
begins with a letter as a label; it declares one ("the answer is B"); its last line is a letter; it names exactly one
option's text and does not deny it. Two letters, an "either ... or", a denial, a letter that does not fit the text
beside it: None.
"""

import re
from collections.abc import Sequence

from medmat_explorer.domain.qa import Option
from medmat_explorer.evaluation.answer_text import clean
from medmat_explorer.evaluation.option_mentions import mentioned, same_text

LETTER = r"[(\[]?\s*([A-Za-z])\s*[)\]]?"
BECAUSE = r"(?:because|since|as|due|given|based)\b"
BARE = re.compile(rf"{LETTER}\s*[.:,;!]*")
LEAD_IN = re.compile(
    r"(?:sure|certainly|of course|okay|ok|hence|so|thus|therefore|well|finally|clearly|also|donc)\b[\s,.:!]+",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"[(\[]?([A-Za-z])(?:[)\]][.:,]?|[.:,]|\s+[-–—](?=\s)|\s*\n)(?:\s+|$|(?=[A-Z]))(.*)",
    re.DOTALL,
)
SPACED = re.compile(r"[(\[]?([A-Za-z])[)\]]?\s+(.+)", re.DOTALL)
BESIDE = re.compile(r"(?:[(\[](?=[A-Z][)\]])|^(?=[A-Z][-–—])|[:,–—-]\s*(?=[A-Z]\.?$))([A-Z])")
"""A letter in brackets, before a dash at the beginning, or after a sign at the end."""
LABELLED = re.compile(r"(?<![\w'])[(\[]?([A-Z])[)\].:](?=\s|$)")
SECOND = re.compile(
    r"(?:(?:and|or|und|oder|&|/)\s*)+(?:maybe\s+|perhaps\s+|possibly\s+)?[(\[]?[A-Za-z](?![\w'])"
    r"|[(\[]?[A-Za-z][)\]]?(?=\s*(?:$|[.,;:&/)]|and\b|or\b|und\b|oder\b))"
)
ONLY_LETTERS = re.compile(r"(?=.*[A-Z])(?:[A-Z]|\b(?:and|or|und|oder)\b|[\s.,;:/&()])+", re.DOTALL)
"""What follows a first letter when the text lists several: another letter, or letters and nothing else."""

OVER = re.compile(r"(?:rather\s+than|instead\s+of|and\s+not|but\s+not)\b")
"""What sets a first letter against another one: `B rather than A`."""
WORD = re.compile(r"(?!(?:and|und|oder)\b)[^\W\d_]{3,}")
REMARK = re.compile(r"\(([^()]*)\)\.?")

CUE = (
    r"(?:answer|option|choice|letter|select|choose|pick|diagnosis|prediction|conclusion|verdict|response|solution"
    r"|antwort|lösung|réponse|respuesta|resposta|risposta|ответ)"
)
LINKS = (
    r"is|(?:would|should|must)\s+be|with|letter|option|choice|probably|likely|clearly|therefore|thus|to"
    r"|ist|lautet|wäre|daher|est|es|è|é"
)
GOES_ON = rf"(?:{BECAUSE}|(?:and|or|is|was|with|for|in|which|where|that)\b)"
END = rf"(?:(?<=[)\]])|(?=\s*(?:$|[.,;:!()\]\n])|\s+{GOES_ON}|\s*[-–—/]\s))"
SAYS = r"it\s+is|it's|this\s+is|(?:go|going)\s+(?:with|for)|would\s+say"
CUES_THAT_LINK = rf"(?:{CUE}|ans|correct|description|category|class|finding)"
WEAK = re.compile(rf"\b{CUE}\s*{LETTER}{END}", re.IGNORECASE)
"""`option B` alone, which an explanation also says of others."""
DECLARATIONS = (
    re.compile(
        rf"\b{CUES_THAT_LINK}\b\.?(?:(?:\s+(?:{LINKS}))+\s*[:=–—-]*|\s*[:=–—-]+|(?<=\.))\s*{LETTER}{END}", re.IGNORECASE
    ),
    re.compile(rf"\b(?:select|choose|pick)\s+{LETTER}{END}", re.IGNORECASE),
    re.compile(rf"(?<![\w']){LETTER}\s+best\s+(?:describes|matches|fits|represents)\b"),
    re.compile(rf"\b(?:{SAYS})(?:\s+(?:option|letter))?\s+{LETTER}{END}", re.IGNORECASE),
    re.compile(
        r"(?:答案|选项|選項|选择|選擇|选|選|選択肢|答え|正解|정답)(?:是|为|為|应为|應為|は|은|는)?"
        rf"\s*:?\s*{LETTER}(?![A-Za-z])"
    ),
    re.compile(
        rf"\bnot\s+(?:option\s+)?[(\[]?[A-Z][)\]]?\s*,?\s+but\s+(?:rather\s+)?(?:option\s+)?{LETTER}{END}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\w']){LETTER}\s+(?:is|(?:would|must)\s+be)\s+(?:the\s+)?(?:most\s+)?(?:likely\s+)?"
        r"(?:correct|right|best|answer|true)\b"
    ),
)
DENIED_BEFORE = re.compile(
    r"\b(?:not|never|neither|nor|cannot|nicht|kein\w*|rather\s+than|instead\s+of|wrong|incorrect)\b|n't\b"
)
DENIED_AFTER = re.compile(r"\s+(?:is|was)(?:n't|\s+(?:not|wrong|incorrect|unlikely|false))\b")
ALTERNATIVE = re.compile(
    r"\s*(?:,|or|and|/|&|and/or|oder|und|ou|或|和|または|、|[-–—])\s*(?:or\s+|and\s+|option\s+)?[(\[]?([A-Za-z])(?![A-Za-z0-9_'])"
)
FURTHER = re.compile(r"(?:[,;]|\band|\bor)\s*(?:option\s+)?[(\[]?([A-Z])[)\]:]")
"""Another labelled option in the sentence that declares one."""
ARTICLE = re.compile(r"^(?:an?|the)\s+(?![(\[])", re.IGNORECASE)

Reading = tuple[bool, str | None]
"""Whether this way of reading has something to say, and the letter that it reads (None: unreadable for good)."""
SILENT: Reading = (False, None)


def read_letter(text: str, options: Sequence[Option]) -> str | None:
    """The letter of the option that the text chooses, or None when it cannot be read."""
    said = clean(text)
    if not said or said.endswith("?"):
        return None
    for way in (_whole, _label, _declared, _closing, _named):
        speaks, letter = way(said, options)
        if speaks:
            return letter
    return None


def read_option(text: str, options: Sequence[Option]) -> str | None:
    """The letter of the one option that an answer to an open question names: no letters were shown to it."""
    said = clean(text)
    if not said or said.endswith("?"):
        return None
    fits = _texts_equal(said, options)
    named = set(fits) if len(fits) == 1 else mentioned(said, options)
    return named.pop() if len(named) == 1 else None


def _whole(said: str, options: Sequence[Option]) -> Reading:
    """A letter alone (the letter asked for, even where an option's text is a letter), or an option's text alone.

    A letter said several times, or after a word such as "so", is a letter alone.
    """
    fits = _texts_equal(said, options)
    if letters := _only_letter(said) or _only_letter(LEAD_IN.sub("", said, count=1)):
        known = _known(letters, options)
        return True, known or (fits[0] if len(fits) == 1 else None)
    return (True, fits[0]) if len(fits) == 1 else SILENT


def _only_letter(said: str) -> str | None:
    """The letter that the text consists of, in whatever brackets and however often."""
    found = [BARE.fullmatch(word) for word in said.split()]
    if bare := BARE.fullmatch(said):
        return bare[1]
    letters = {match[1].upper() for match in found if match}
    return letters.pop() if len(letters) == 1 and all(found) else None


def _label(said: str, options: Sequence[Option]) -> Reading:
    """`B: Cyst`, `(b) cyst`, `B. because ...`; a list of several only speaks when nothing is declared after it."""
    found = LABEL.match(said)
    if found is None:
        return _spaced(said, options)
    letter, rest = _known(found[1], options), found[2].strip()
    own = letter in _texts_equal(rest, options)
    own_line = own or letter in _texts_equal(rest.split("\n")[0], options)
    labels = _items(said, options) if own_line else {_known(label, options) for label in LABELLED.findall(said)}
    if len(labels - {None}) > 1 or (not own and (SECOND.match(rest) or ONLY_LETTERS.fullmatch(rest))):
        return _unless_declared(said)
    return True, letter if _agrees(letter, rest, options) else None


def _items(said: str, options: Sequence[Option]) -> set[str | None]:
    """The letters that have a line to themselves, alone or with their option's text."""
    found = [(match, line) for line in said.split("\n") if (match := BARE.fullmatch(line) or LABEL.match(line))]
    texts = [(_known(match[1], options), line[match.end(1) :].strip(" .,:;)]-–—")) for match, line in found]
    return {letter for letter, text in texts if not text or letter in _texts_equal(text, options)}


def _spaced(said: str, options: Sequence[Option]) -> Reading:
    """`B Cyst` and `B because ...`; `A cyst` only speaks when A is the cyst, and `B or C` is unreadable."""
    found = SPACED.match(said)
    if found is None:
        return SILENT
    letter, rest = _known(found[1], options), found[2]
    if letter and letter in _texts_equal(rest, options):
        return True, letter
    if not found[1].isupper():
        return SILENT
    if letter and (re.match(BECAUSE, rest) or OVER.match(rest)):
        return True, letter
    if letter and (remark := REMARK.fullmatch(rest)):
        return True, letter if _is_about(letter, remark[1], options) else None
    return _unless_declared(said) if SECOND.match(rest) else SILENT


def _is_about(letter: str, remark: str, options: Sequence[Option]) -> bool:
    """Whether a remark in brackets, such as `(90 % sure)`, names no other option."""
    others = {_known(other, options) for other in re.findall(r"(?<![\w'])[A-Z](?![\w'])", remark)}
    return others | mentioned(remark, options) <= {letter, None}


def _unless_declared(said: str) -> Reading:
    """Several letters cannot be read, unless the text goes on to declare one."""
    declared = any(pattern.search(said) for pattern in (*DECLARATIONS, WEAK))
    return SILENT if declared else (True, None)


def _declared(said: str, options: Sequence[Option]) -> Reading:
    """`the answer is B`, `Answer: b`, `I choose (B)`, `B is correct`; two different ones cannot be read.

    `option B` counts where nothing more is declared, and only if no other option is named beside it.
    """
    if letters := _declared_by(DECLARATIONS, said, options):
        return True, letters.pop() if len(letters) == 1 else None
    if letters := _declared_by((WEAK,), said, options):
        named = mentioned(said, options)
        agrees = len(letters) == 1 and (len(named) != 1 or named == letters)
        return True, letters.pop() if agrees else None
    return SILENT


def _declared_by(patterns: Sequence[re.Pattern[str]], said: str, options: Sequence[Option]) -> set[str | None]:
    return {
        _declared_letter(found, said, options)
        for pattern in patterns
        for found in pattern.finditer(said)
        if not _is_denied(found, said)
    }


def _closing(said: str, options: Sequence[Option]) -> Reading:
    """A last line that is a letter, or a letter and its text, after prose that lists no letters.

    Prose that names just one option, and another one, contradicts the letter.
    """
    *before, last = said.split("\n")
    found = BARE.fullmatch(last) or LABEL.match(last)
    prose = any(not word.isupper() for line in before for word in WORD.findall(line))
    if not prose or found is None or any(BARE.fullmatch(line) or LABEL.match(line) for line in before):
        return SILENT
    letter = _known(found[1], options) if found[1].isupper() else None
    rest = last[found.end(1) :].strip(" .,:;)]-–—")
    if letter is None or (rest and letter not in _texts_equal(rest, options)):
        return SILENT
    named = mentioned("\n".join(before), options)
    return True, letter if len(named) != 1 or letter in named else None


def _named(said: str, options: Sequence[Option]) -> Reading:
    """Exactly one option's text, affirmed, and no other option's letter in brackets beside it."""
    letters = mentioned(said, options)
    beside = {_known(letter, options) for letter in BESIDE.findall(said)} - {None}
    return True, letters.pop() if len(letters) == 1 and beside <= letters else None


def _declared_letter(found: re.Match[str], said: str, options: Sequence[Option]) -> str | None:
    after = said[found.end() :]
    other = ALTERNATIVE.match(after)
    listed = other and other[1] != "a" and _known(other[1], options)
    sentence = re.split(r"[.!?\n](?:\s|$)", after)[0]
    if listed or FURTHER.search(sentence) or re.search(r"\beither\b", _clause_before(found, said)):
        return None
    letter = _known(found[1], options)
    return letter if _agrees(letter, after.lstrip(" .,:;)]-–—\n"), options) else None


def _is_denied(found: re.Match[str], said: str) -> bool:
    before, after = _clause_before(found, said), said[found.end(1) :].lstrip(")]}")
    return DENIED_BEFORE.search(before) is not None or DENIED_AFTER.match(after) is not None


def _clause_before(found: re.Match[str], said: str) -> str:
    return re.split(r"[.,;:!?\n](?:\s|$)|\bbut\b", said[: found.start(1)])[-1].lower()


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

"""A model's raw text without what only dresses it: markup, quotes, chat tokens, thoughts before the answer."""

import re
import unicodedata

BRACKETS = str.maketrans("【〔「『⟨〈《】〕」』⟩〉》", "(((((((" + ")))))))")
SIGNS = str.maketrans({"。": ".", "‘": "'", "’": "'", "‚": "'", "′": "'", "´": "'"})
THOUGHT = r"(?:think|thinking|thought|thoughts|reasoning|reason|analysis|scratchpad)"
THOUGHTS = re.compile(rf"<{THOUGHT}>.*?</{THOUGHT}>", re.DOTALL | re.IGNORECASE)
CUT_THOUGHTS = re.compile(rf"^.*</{THOUGHT}>|<{THOUGHT}>.*$", re.DOTALL | re.IGNORECASE)
"""Thoughts of which only the end, or only the beginning, was kept."""

CHAT_TOKENS = re.compile(r"<\|im_start\|>\s*(?:assistant|user|system)?|<\|[^<>|]*\|>|\[/?INST\]|</?[a-zA-Z_|]+>")
LETTER_TAG = re.compile(r"<([A-Z])>(?!.*</\1>)", re.DOTALL)
"""A letter between angle brackets that is no tag, since nothing closes it."""

STRUCK = re.compile(r"~~.+?~~")
LATEX = re.compile(
    r"\\(?:boxed|fbox|text(?:bf|it|rm|sf|tt)?|math(?:rm|bf|sf|it|tt)|operatorname|displaystyle|bf|rm)\b|\\[()\[\]]"
)
DRESS = re.compile(r"[*`\"“”„«»$#{}]|__")
EMPHASIS = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")
QUOTED = re.compile(r"(?<!\w)'([^'\n]+)'(?!\w)")
BULLET = re.compile(r"^\s*(?:[-–—•‣▪>→⇒]+\s+)+", re.MULTILINE)


def clean(text: str) -> str:
    """Without emphasis, quotes, tags, thoughts and struck words; line ends are kept, other space is one blank."""
    text = unicodedata.normalize("NFKC", text).translate(BRACKETS).translate(SIGNS)
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    text = LETTER_TAG.sub(r"\1", text)
    text = CUT_THOUGHTS.sub("", THOUGHTS.sub("", text))
    for dress in (CHAT_TOKENS, STRUCK, LATEX, DRESS):
        text = dress.sub("", text)
    text = QUOTED.sub(r"\1", EMPHASIS.sub(r"\1", text))
    text = re.sub(r"[^\S\n]+", " ", BULLET.sub("", text))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())

"""When two texts are the same but for their spelling, as an expression of SQL.

Case, accents, blanks, hyphens between letters, and the plural's s make no difference: `Covid-19`, `COVID 19` and
`covid19` are one; so are `Cyst` and `cysts`. Numbers, signs (`+`, `<`, a closing `-`) and the order of words do.
"""

STEPS = (
    (r"[\s]+", " "),
    (r"(\pL{3,}[^s\PL])s\b", r"\1"),
    (r"([\pL])[-_/. ]+([\pL\pN])", r"\1\2"),
    (r"([\pL])[-_/. ]+([\pL\pN])", r"\1\2"),
    (r"(\pN)[-_ ]+(\pL)", r"\1\2"),
    (r"""[.,;:'"]+$""", ""),
)
"""What is looked for and what takes its place, in turn; twice where single letters follow one another."""


def spelling_key(text: str) -> str:
    """The expression whose value is the same for texts that differ in spelling only; `text` is one of SQL."""
    key = f"lower(strip_accents(trim({text})))"
    for found, put in STEPS:
        quoted = found.replace("'", "''")
        key = f"regexp_replace({key}, '{quoted}', '{put}', 'g')"
    return f"trim({key})"


def words_of(text: str) -> str:
    """The expression for the text's words in small letters with one blank around each, to look for words in it."""
    return rf"(' ' || trim(regexp_replace(lower({text}), '[^\pL\pN]+', ' ', 'g')) || ' ')"

"""Text from data inside Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$:<&^=])")


def counted(number: int, thing: str) -> str:
    """A number of things: `1 item`, `1,176 items`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def plain(text: str) -> str:
    """The text with everything that Markdown, HTML or Streamlit's directives would read escaped; one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))

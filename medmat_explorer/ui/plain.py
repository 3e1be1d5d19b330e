"""Text from data inside Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$:<&^=])")


def plain(text: str) -> str:
    """The text with everything that Markdown, HTML or Streamlit's directives would read escaped; one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))

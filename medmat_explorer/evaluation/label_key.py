"""When two texts are the same label: whatever their order, case, blanks and closing dot."""


def label_key(text: str) -> frozenset[str]:
    """The labels in a text, parted by commas, in a form that can be compared."""
    parts = (" ".join(part.split()).casefold().rstrip(".") for part in text.split(","))
    return frozenset(part for part in parts if part)

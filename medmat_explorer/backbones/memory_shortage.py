"""Too little memory for a batch: it is tried in halves first, and only then told."""

from medmat_explorer.errors import BackboneError


class MemoryShortageError(BackboneError):
    """Raised by an adapter that ran out of memory and has given back what the attempt took."""


def shortage(device: str, questions: int) -> MemoryShortageError:
    """The sentence for the reader, with what to try."""
    asked = "one question" if questions == 1 else f"{questions} questions at once"
    shrink = "fewer bits (8 or 4) or a shorter number format" if device.startswith("cuda") else "a smaller backbone"
    return MemoryShortageError(
        f"Not enough memory on {device} for {asked}: load it with {shrink}, or end what else uses the memory."
    )

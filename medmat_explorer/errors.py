"""The error tree. Every error that a user can mend is a MedmatError; anything else is our bug and stays loud.

    MedmatError
      SettingsError         an environment variable holds a value that cannot be used
      UnknownNameError      a name (collection, subset, target, rule, backbone, run ...) that does not exist
      CollectionError       a collection cannot be opened, written or replaced
      LayoutError           a folder is not in Med-MAT's layout
      RefusedRecordError    one record of a release cannot become an item
      ImageRefusedError     an image is missing, unreadable, too large, or outside its folder
      BackboneError         a backbone cannot be loaded, does not fit, or stopped
      RunError              a stored run cannot be read, resumed or compared
      RuleError             a rule of a reader's own cannot be read or kept
      MixError              a training mix that must not or cannot be made
      ExportError           an export cannot be written
      QueryError            a statement of the SQL console cannot be run, or took more than it may

The text of each says what was wrong with which value and what to do next.
"""

from collections.abc import Iterable

LONGEST_NAME = 120
"""Characters of a name that a message repeats."""


class MedmatError(Exception):
    """Root of all errors that the reader of the message can mend."""


class SettingsError(MedmatError):
    """A setting from the environment cannot be used."""


class UnknownNameError(MedmatError):
    """A name that does not exist; the message lists the valid choices."""

    def __init__(self, what: str, name: object, choices: Iterable[str], hint: str = "") -> None:
        self.what, self.name, self.choices = what, str(name), tuple(choices)
        known = ", ".join(self.choices[:20]) + (", ..." if len(self.choices) > 20 else "")
        shown = self.name if len(self.name) <= LONGEST_NAME else f"{self.name[: LONGEST_NAME - 1]}…"
        text = f"There is no {what} '{shown}'."
        text += f" Valid: {known}." if known else f" There is no {what} yet."
        super().__init__(f"{text} {hint}".strip())


class CollectionError(MedmatError):
    """A collection cannot be opened, written or replaced."""


class LayoutError(MedmatError):
    """A folder is not in Med-MAT's layout."""


class RefusedRecordError(MedmatError):
    """One record of a release cannot become an item.

    `reason` is a short stable word used as the key of counts, the message explains this record.
    """

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class ImageRefusedError(MedmatError):
    """An image is missing, unreadable, too large, or lies outside its folder (`reason` says which)."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class BackboneError(MedmatError):
    """A backbone cannot be loaded, does not fit, or stopped."""


class RunError(MedmatError):
    """A stored run cannot be read, resumed or compared."""


class RuleError(MedmatError):
    """A rule of a reader's own cannot be read or kept."""


class MixError(MedmatError):
    """A training mix must not be made (it would train on its target), or cannot (nothing is left for it)."""


class ExportError(MedmatError):
    """An export cannot be written."""


class QueryError(MedmatError):
    """A statement of the SQL console cannot be run, or took more than it may."""

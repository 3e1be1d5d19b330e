"""Where an image lies, as a release writes it: checked as text, before any file is touched."""

import re

from medmat_explorer.errors import RefusedRecordError

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
ABSOLUTE = re.compile(r"^(?:/|~|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)")
LONGEST = 1000


def normal_image_path(written: str) -> str:
    """The path relative to the release's root, with forward slashes and without blanks around it.

    Blanks, parentheses, dots and any letters inside are kept. Raises RefusedRecordError with the reason
    `path-absolute`, `path-outside`, `path-characters`, `path-empty` or `path-too-long`.
    """
    path = written.strip(" \t\r\n")
    if CONTROL.search(path):
        raise RefusedRecordError("path-characters", f"The image path {path!r} holds characters no path may hold.")
    path = path.replace("\\", "/")
    if ABSOLUTE.match(path):
        raise RefusedRecordError("path-absolute", f"The image path '{path}' is absolute; it must start at the root.")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise RefusedRecordError("path-outside", f"The image path '{path}' climbs out of its folder with '..'.")
    if not parts:
        raise RefusedRecordError("path-empty", "The image path is empty.")
    if len(path) > LONGEST:
        raise RefusedRecordError("path-too-long", f"The image path has more than {LONGEST} characters.")
    return "/".join(parts)

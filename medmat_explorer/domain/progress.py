"""How long work tells how far it is."""

from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""Takes stage, done and total (0 where the total is not known)."""

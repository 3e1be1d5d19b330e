"""Where the images of items lie that galleries have shown lately.

A gallery is followed by one request for each of its pictures: looking each up among millions of items would cost more
than sending it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable

MOST = 20_000


class ShownImages:
    """Image paths by item key, the least recent first out; safe between threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._paths: OrderedDict[str, str] = OrderedDict()

    def remember(self, shown: Iterable[tuple[str, str]]) -> None:
        """Takes in pairs of key and path."""
        with self._lock:
            for key, path in shown:
                self._paths[key] = path
                self._paths.move_to_end(key)
            while len(self._paths) > self._most:
                self._paths.popitem(last=False)

    def of(self, key: str) -> str | None:
        """The path of an item shown lately; None for others."""
        with self._lock:
            return self._paths.get(key)

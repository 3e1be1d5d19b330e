"""What an anatomy hands to a modality: named tissues as masks, and where findings may lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from medmat_explorer.phantoms.canvas import Dice, Field, Grid
from medmat_explorer.phantoms.findings import Rooms


@dataclass
class Scene:
    """Tissues from back to front, the region that findings are kept to, and the rooms they are placed in."""

    region: Field
    rooms: Rooms
    layers: list[tuple[str, Field]] = field(default_factory=list)

    def add(self, tissue: str, mask: Field) -> None:
        """Lay one more tissue over the others."""
        self.layers.append((tissue, mask))


Anatomy = Callable[[Dice, Grid], Scene]

"""What a picture looks like in 64 bits, and what its mirror image would: few differing bits mean much the same look.

The bits are those of imagehash's `phash`: which of the 64 coarsest waves of the picture in grey, shrunk to 32 pixels a
side, are stronger than their median. Re-encoding, resizing and brightness hardly change them (docs/duplicates.md).
"""

import numpy as np
from PIL import Image, ImageOps

SIDE = 32
"""Pixels a side that `phash` shrinks to; done here once for the picture and its mirror image."""

GAP = 3.0
"""Large pictures are first averaged down to this many times the side: four times as fast, and the bits stay."""

FAINTEST = 2
"""Pictures with fewer shades than this between their darkest and brightest coarse pixel look like nothing."""


def looks_of(image: Image.Image) -> tuple[int, int] | tuple[None, None]:
    """The look of a picture and of its left-right mirror image, as signed 64-bit numbers; None for one flat colour."""
    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=GAP)
    darkest, brightest = small.getextrema()
    if float(brightest) - float(darkest) < FAINTEST:  # type: ignore[arg-type]  # one band: two plain numbers
        return None, None
    return _look(small), _look(ImageOps.mirror(small))


def _look(small: Image.Image) -> int:
    import imagehash

    return int(np.packbits(imagehash.phash(small).hash.reshape(-1)).view(">i8")[0])

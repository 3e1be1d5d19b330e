"""Pictures of noise, each with another content, and folders of them."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from tests.picture_folder import png_bytes

SIDE = 24


def drawn(seed: int, brightness: int = 0) -> bytes:
    """A grey picture of noise as PNG; the same seed and brightness give the same bytes."""
    noise = np.random.default_rng(seed).integers(0, 120, (SIDE, SIDE), dtype=np.uint8)
    return png_bytes(Image.fromarray(noise + np.uint8(brightness)))


def as_jpeg(data: bytes) -> bytes:
    """A picture once more, as JPEG."""
    stream = BytesIO()
    Image.open(BytesIO(data)).convert("RGB").save(stream, "JPEG", quality=95)
    return stream.getvalue()


def class_folders(root: Path, each: int = 10, labels: tuple[str, ...] = ("Cyst", "Normal", "Stone")) -> Path:
    """`root/<label>/<n>.png`, the same number of pictures for each label."""
    for place, label in enumerate(labels):
        (root / label).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            (root / label / f"{number:03}.png").write_bytes(drawn(1000 * place + number, 40 * place))
    return root

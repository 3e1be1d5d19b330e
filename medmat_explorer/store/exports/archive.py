"""An export as one file to download."""

import os
import secrets
import zipfile
from pathlib import Path

from medmat_explorer.store.versions import writing

PACKED = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".parquet", ".tif"})
"""Endings of files that would not become smaller."""


def archive_of(folder: Path) -> Path:
    """The folder as a zip file beside it, made once. Raises CollectionError when it cannot be written."""
    archive = folder.with_name(f"{folder.name}.zip")
    with writing(folder.parent):
        if archive.exists():
            return archive
        partial = folder.with_name(f".{folder.name}.{os.getpid()}-{secrets.token_hex(3)}.part")
        try:
            with zipfile.ZipFile(partial, "w") as packed:
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    how = zipfile.ZIP_STORED if path.suffix.lower() in PACKED else zipfile.ZIP_DEFLATED
                    packed.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}", compress_type=how)
            partial.replace(archive)
        finally:
            partial.unlink(missing_ok=True)
    return archive

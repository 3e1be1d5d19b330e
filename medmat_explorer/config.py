"""Settings from the environment, checked once. Every variable starts with MEDMAT_."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from medmat_explorer.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder: app.py, pages and assets lie in it."""

ASSETS = ROOT / "assets"
BUNDLED_BACKBONES = ASSETS / "backbones"


class Settings(BaseModel):
    """What can be set from outside, with the defaults. Each field is `MEDMAT_` + its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("medmat-explorer")),
        description="Folder that holds all the program keeps: collections, runs, thumbnails.",
    )
    host: str = Field("127.0.0.1", description="Address the app listens on.")
    port: int = Field(8501, ge=1, le=65535, description="Port the app listens on.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="Where backbones run.")
    threads: int = Field(0, ge=0, le=1024, description="Threads of a backbone on a CPU; 0 leaves it to torch.")
    thumbnail_cache_mb: int = Field(512, ge=16, description="Most megabytes of thumbnails kept on disk.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()


def variable_name(field: str) -> str:
    """The environment variable of a settings field."""
    return f"MEDMAT_{field.upper()}"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from a mapping of variables; empty values count as unset. Raises SettingsError on a bad value."""
    given = {name: environ[variable_name(name)] for name in Settings.model_fields if environ.get(variable_name(name))}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        message = f"{variable_name(name)}='{given.get(name)}' cannot be used: {first['msg']}."
        raise SettingsError(f"{message} {Settings.model_fields[name].description}") from None


@cache
def settings() -> Settings:
    """The settings of this process."""
    return read_settings(os.environ)

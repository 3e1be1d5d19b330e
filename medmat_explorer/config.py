"""Settings from the environment, checked once. Every variable starts with MEDMAT_."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

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
    allow_downloads: bool = Field(False, description="Whether models may be fetched from the Hugging Face hub.")
    threads: int = Field(0, ge=0, le=1024, description="Threads of a backbone on a CPU; 0 leaves it to torch.")
    thumbnail_cache_mb: int = Field(512, ge=16, description="Most megabytes of thumbnails kept on disk.")
    endpoints: str = Field(
        "",
        description="Servers besides this machine's that backbones may run on: addresses, separated by commas, such as "
        "https://api.openai.com/v1 or http://gpu-7:8000.",
    )
    api_key: SecretStr = Field(SecretStr(""), description="Key for the servers that backbones run on.")
    remote_at_once: int = Field(4, ge=1, le=256, description="Questions on their way to a server at once.")
    remote_seconds: float = Field(60.0, gt=0, le=3600, description="Longest wait for a server's answer, each try.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("endpoints")
    @classmethod
    def _addresses(cls, value: str) -> str:
        entries = [entry for entry in map(str.strip, value.split(",")) if entry]
        if wrong := [entry for entry in entries if not entry.startswith(("http://", "https://"))]:
            raise ValueError(f"'{wrong[0]}' begins with neither http:// nor https://")
        for entry in entries:
            urlsplit(entry).port  # noqa: B018 - raises ValueError for a port that is none
        return ",".join(entries)


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

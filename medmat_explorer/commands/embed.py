"""`embed NAME`: the vectors behind similar images and the map."""

from enum import StrEnum
from typing import Annotated

import typer

from medmat_explorer.commands.options import Json
from medmat_explorer.terminal import print_json, print_line, progress_bar


class Device(StrEnum):
    """Where an encoder may run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


def embed(
    name: Annotated[str, typer.Argument(help="The collection whose pictures are encoded.")],
    encoder: Annotated[
        str, typer.Option(help="A registry id, a local folder of a vision model, or a hub id in the local cache.")
    ] = "phantom-llava",
    device: Annotated[Device | None, typer.Option(help="Where it runs (default: MEDMAT_DEVICE or auto).")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Encode at most so many now; 0 is all of them.")] = 0,
    json: Json = False,
) -> None:
    """Encode the pictures of a collection, for similar images and the map; a stopped run goes on."""
    from medmat_explorer.backbones.contract import LoadOptions
    from medmat_explorer.backbones.encoder_ref import resolve_encoder
    from medmat_explorer.config import settings
    from medmat_explorer.embedding_job import embed_collection

    options = LoadOptions(device=device.value if device else settings().device, threads=settings().threads)
    with progress_bar() as report:
        done = embed_collection(name, settings().home, resolve_encoder(encoder), options, progress=report, limit=limit)
    if json:
        print_json(done.as_json())
        return
    refused = f", {sum(done.refused.values()):,} cannot be opened" if done.refused else ""
    left = f", {done.left:,} left" if done.left else ""
    print_line(
        f"'{name}': {done.encoded:,} pictures encoded by {done.encoder} ({done.dimensions} numbers each, "
        f"{done.pictures_per_second:,.0f} a second on {done.device}), {done.copied:,} have a known content, "
        f"{done.already:,} were known before{refused}{left}."
    )

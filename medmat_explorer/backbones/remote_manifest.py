"""What is known of a backbone behind a server before it is asked: hardly anything."""

from medmat_explorer.backbones.families import BOTH
from medmat_explorer.backbones.manifests import Manifest
from medmat_explorer.backbones.remote_address import RemoteAddress

NOTE = "What the server can do is found out when it is loaded; it does not tell which weights it runs."
TESTED = "with small servers of this project and with `transformers serve`; never with vLLM, SGLang or a hosted one"


def remote_manifest(address: RemoteAddress) -> Manifest:
    """The manifest of a model at an address. Nothing is sent."""
    return Manifest(
        id=address.text,
        title=f"{address.model} at {address.server}",
        source="server",
        family="server",
        licence="not told",
        parameters=0,
        needs_gb=0.0,
        capabilities=BOTH,
        note=NOTE,
        tested=TESTED,
    )

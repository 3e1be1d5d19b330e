"""What is known of the chosen backbone before it is loaded, and whether it fits into what is free."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from medmat_explorer.backbones.contract import Capability, LoadOptions
from medmat_explorer.backbones.manifests import FORMS, Manifest, memory_gb
from medmat_explorer.ui.backbone_choice import Choice
from medmat_explorer.ui.backbone_machine import Machine
from medmat_explorer.ui.plain import plain

CAN = {
    Capability.LETTERS: "letter likelihood",
    Capability.TEXT: "written answers",
    Capability.OPTIONS: "option texts",
    Capability.ATTENTION: "attention over the picture",
}
FITS, TOO_LARGE, UNKNOWN = "✓ fits", "✗ does not fit", "not known"


def draw_card(choice: Choice, options: LoadOptions, machine: Machine) -> None:
    """Its facts in a few lines, and the memory that it takes; nothing for a name that is no backbone."""
    if choice.manifest is None:
        return
    st.caption("  \n".join(_lines(choice.manifest, choice.where)))
    if choice.manifest.parameters:
        _draw_memory(choice.manifest, options, machine)


def fit_sentence(parameters: int, options: LoadOptions, machine: Machine) -> tuple[bool | None, str]:
    """Whether so many parameters fit on the chosen device, and the sentence that says so; None where it is not known.

    An estimate: see `memory_gb`. What does not fit is said with what to try.
    """
    device = machine.device(options.device)
    form = form_of(options, machine)
    needs, free = memory_gb(parameters)[form], machine.free_on(options.device)
    about = f"Needs about {needs:,.1f} GB as {form} on {device}"
    if free is None:
        return None, f"{about}; how much is free there is not known."
    if needs <= free:
        return True, f"{about}; {free:,.1f} GB are free."
    return False, f"{about}, and {free:,.1f} GB are free. {_try(parameters, needs, free, device, machine)}"


def form_of(options: LoadOptions, machine: Machine) -> str:
    """How the weights will be held, as a name of FORMS; 16-bit numbers of either kind take the same."""
    if options.bits:
        return f"{options.bits}-bit"
    dtype = machine.dtype(options.dtype, options.device)
    return "bfloat16" if dtype == "float16" else dtype


def _try(parameters: int, needs: float, free: float, device: str, machine: Machine) -> str:
    shrinkable = device.startswith("cuda") and not machine.no_bits
    forms = [form for form, (_, bits) in FORMS.items() if shrinkable or not bits]
    smaller = [(form, gb) for form in forms if (gb := memory_gb(parameters)[form]) < needs and gb <= free]
    if smaller:
        return f"Try {smaller[0][0]}, which takes about {smaller[0][1]:,.1f} GB."
    if device.startswith("cuda") and len(machine.gpus) > 1 and (machine.free_on("cuda:all") or 0.0) >= needs:
        return "Try the device cuda:all, which spreads it over all GPUs."
    return "Try a smaller backbone, or one behind a server on a larger machine."


def _lines(manifest: Manifest, where: str) -> Iterator[str]:
    family = f"family {plain(manifest.family)}" if manifest.family else ""
    yield " · ".join(filter(None, [plain(where), family, size(manifest.parameters), _licence(manifest)]))
    can = ", ".join(CAN[capability] for capability in Capability if capability in manifest.capabilities)
    yield f"**Can tell** {can}" + (f" · **Prompt** {plain(manifest.prompt)}" if manifest.prompt else "")
    if manifest.padding:
        yield f"**Padding** {plain(manifest.padding)}"
    known = [f"**Tested** {plain(manifest.tested)}"] if manifest.tested else []
    known += [f"**Revision** {plain(revision(manifest))}"] if manifest.hub_id else []
    if known:
        yield " · ".join(known)
    if manifest.note:
        yield plain(manifest.note)


def size(parameters: int) -> str:
    """A number of parameters for people: `1.3 M parameters`, `7.06 B parameters`; empty where it is not known."""
    if not parameters:
        return ""
    unit, name = (1e9, "B") if parameters >= 1e9 else (1e6, "M")
    return f"{parameters / unit:.3g} {name} parameters"


def _licence(manifest: Manifest) -> str:
    gated = {True: ", its terms must be accepted on the hub", None: ", whether it is gated is not known", False: ""}
    asked = gated[manifest.gated] if manifest.hub_id else ""
    return f"licence {plain(manifest.licence or 'not known')}{asked}"


def revision(manifest: Manifest) -> str:
    """The commit that is pinned or lies here, short."""
    return manifest.revision[:12] or "not pinned; the one that lies here is shown once it is loaded"


def _draw_memory(manifest: Manifest, options: LoadOptions, machine: Machine) -> None:
    fits, sentence = fit_sentence(manifest.parameters, options, machine)
    sign = {True: ":material/check_circle: It fits.", False: ":material/error: It does not fit.", None: ""}[fits]
    st.markdown(f"{sign} {plain(sentence)}".strip())
    with st.popover("By number format", icon=":material/memory:"):
        st.caption(
            "Weights, a fifth more for one question's activations and cache, and the libraries: an estimate. Loading "
            "looks again, at the weights as they are."
        )
        st.table(_memory_table(manifest, options, machine), hide_index=True, alt="Memory by number format")


def _memory_table(manifest: Manifest, options: LoadOptions, machine: Machine) -> pd.DataFrame:
    free = machine.free_on(options.device)
    device = machine.device(options.device)

    def verdict(form: str, gigabytes: float) -> str:
        if problem := machine.bits_problem(FORMS[form][1], options.device):
            return f"– {problem}"
        return UNKNOWN if free is None else FITS if gigabytes <= free else TOO_LARGE

    rows = [
        {"Form": form, "About": f"{gigabytes:,.1f} GB", f"On {device}": verdict(form, gigabytes)}
        for form, gigabytes in memory_gb(manifest.parameters).items()
    ]
    return pd.DataFrame(rows)

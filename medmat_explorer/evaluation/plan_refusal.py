"""Which plans make no sense, or not with this backbone: said in a sentence before anything is asked."""

from collections.abc import Collection

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.evaluation.prompts import prompt_form
from medmat_explorer.evaluation.run_record import ControlName, SpotCheckPlan


def plan_refusal(plan: SpotCheckPlan, capabilities: Collection[Capability] | None = None) -> str:
    """Why the plan cannot be asked, and what to change; empty when it can.

    `capabilities` are those of the loaded backbone; None or empty where they are not known yet. Raises UnknownNameError
    for a prompt form that does not exist.
    """
    form = prompt_form(plan.prompt)
    if plan.options and capabilities and Capability.OPTIONS not in capabilities:
        return "This backbone cannot tell how likely an option's text is: leave that score out."
    if plan.text and capabilities and Capability.TEXT not in capabilities:
        return "This backbone cannot write an answer: leave the written answer out."
    if form.explains and not plan.text:
        return f"The prompt '{form.title}' is answered in words: let the backbone write, or choose another prompt."
    if not form.lettered and not (plan.text or plan.options):
        return f"The prompt '{form.title}' shows no letters: let the backbone write, or ask for the options' texts."
    if not form.lettered and ControlName.ROTATIONS in plan.controls:
        return f"The prompt '{form.title}' shows no options to turn: leave the rotations out, or choose another prompt."
    return ""

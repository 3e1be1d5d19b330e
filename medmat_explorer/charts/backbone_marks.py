"""A shape and a colour for each backbone of the paper and each way of training, so that neither says it alone."""

import altair as alt

MARKS: dict[str, tuple[str, str]] = {
    "LLaVA-v1.5-7B": ("circle", "#1d8f8a"),
    "Qwen2-VL-7B-Instruct": ("square", "#2b84c6"),
    "Llama-3.2-11B-Vision-Instruct": ("triangle-up", "#d06a14"),
    "HuatuoGPT-Vision": ("diamond", "#b8529a"),
    "NExT-Chat": ("triangle-down", "#7a6fd0"),
    "MiniGPT-v2": ("cross", "#7d8a92"),
    "baseline": ("circle", "#7d8a92"),
    "single-task": ("square", "#2b84c6"),
    "multi-task": ("triangle-up", "#1d8f8a"),
}


def marked(names: list[str], title: str) -> tuple[alt.Shape, alt.Color]:
    """Encodings of shape and colour for the column `mark`, with one legend for both."""
    legend = alt.Legend(orient="top", title=None, columns=2, labelLimit=220)
    shapes = alt.Scale(domain=names, range=[MARKS[name][0] for name in names])
    colours = alt.Scale(domain=names, range=[MARKS[name][1] for name in names])
    shape = alt.Shape("mark:N", scale=shapes, legend=legend, title=title)
    return shape, alt.Color("mark:N", scale=colours, legend=legend, title=title)

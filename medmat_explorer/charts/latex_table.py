"""A table as LaTeX, for a paper: booktabs, numbers to the right, what LaTeX would read as a command escaped."""

from collections.abc import Mapping, Sequence
from typing import Any

ESCAPED: dict[str, str] = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "▲": r"$\blacktriangle$",
    "▼": r"$\blacktriangledown$",
    "○": r"$\circ$",
    "✓": r"\checkmark{}",
    "✗": r"$\times$",
    "·": r"$\cdot$",
    "∅": r"$\emptyset$",
}


def latex_table(rows: Sequence[Mapping[str, Any]], caption: str, hidden: Sequence[str] = ()) -> str:
    """Rows of the same columns as one `table`; `hidden` columns are left out. Needs the packages booktabs and amssymb.

    A cell without a value is empty. Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("A LaTeX table needs at least one row.")
    names = [name for name in rows[0] if name not in hidden]
    columns = "".join("r" if _is_numeric(rows, name) else "l" for name in names)
    lines = [
        r"% \usepackage{booktabs,amssymb}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _line(names),
        r"\midrule",
        *(_line([row[name] for name in names]) for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text as LaTeX prints it; line breaks become blanks."""
    return "".join(ESCAPED.get(character, character) for character in " ".join(text.split()))


def _line(cells: Sequence[Any]) -> str:
    return " & ".join(_cell(cell) for cell in cells) + r" \\"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return escaped(f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip("."))
    return escaped(str(value))


def _is_numeric(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)

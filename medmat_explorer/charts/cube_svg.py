"""The cube as an SVG file."""

from medmat_explorer.charts.cube_content import CubeFace
from medmat_explorer.charts.matrix_svg import WIDTH, matrix_svg


def cube_svg(face: CubeFace, title: str, *, width: int = WIDTH, dark: bool = False) -> str:
    """The picture of the cube with its legend and what the codes of the tasks mean."""
    codes = " · ".join(f"{code} {task}" for task, code in face.codes.items())
    return matrix_svg(face.matrix, face.legend, title, words=(f"Tasks: {codes}",), width=width, dark=dark)

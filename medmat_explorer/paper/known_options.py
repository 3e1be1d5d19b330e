"""How many options the questions of a subset have, where the paper lets us know.

The paper prints no option counts. It calls the question of subset 05 two-way: its Baseline+ of 50 in rows 3 and 23 of
Table 3 is chance (`cg_rows.csv`, notes of row 3). Every other subset's chance must be counted in its questions.
"""

OPTIONS: dict[str, int] = {"05": 2}


def published_chance(subset: str) -> float | None:
    """What guessing reaches on a subset, in percent; None where the paper does not tell."""
    return 100 / OPTIONS[subset] if subset in OPTIONS else None

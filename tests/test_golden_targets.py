"""Targets worked out by hand from the 53 subsets: what each shares under each rule, and how many recipes follow.

The groups were read off `subsets.csv`; the counts follow from the group sizes by the definition: with one element
fixed, a pair needs the fixed element twice and one source for each of the two others; three sources supply one element
each, whatever else they share: of 03 under `short` the task can come from 28 alone, so the modality comes from 02, 04,
05 or 06 and the area from 04, 30, 47 or 48, which makes 16 less the one that would need 04 twice.
"""

import pytest

from medmat_explorer.domain.recipes import PAIR_DIRECTION, recipes, triple_recipes
from medmat_explorer.domain.relation import ALL_RELATIONS, Relation, find_target, relations_to, rule_named
from medmat_explorer.paper.facts import subsets

M, A, T = Relation.MODALITY, Relation.AREA, Relation.TASK
NAMED = {"M": M, "A": A, "T": T, "MA": M | A, "MT": M | T, "AT": A | T, "MAT": M | A | T}

Golden = tuple[str, str, str, tuple[int, int, int, int, int]]
"""Target, rule (`+` for areas merged), the subsets by what they share, and the recipes: fixed modality, fixed area,
fixed task, modality-area pair, three sources."""

GOLDEN: tuple[Golden, ...] = (
    # 03 CT/Lung/COVID: no other subset has its published task; 28 is COVID too; under State 04 is the same triple.
    ("03", "published", "M 02 05 06; A 28 30 47 48; MA 04", (0, 0, 0, 0, 0)),
    ("03", "short", "M 02 05 06; A 30 47 48; MA 04; AT 28", (0, 1, 0, 1, 15)),
    ("03", "paper", "M 02; A 30 47 48; T 07 09 10 21 24 26 32; MT 05 06; AT 28; MAT 04", (2, 1, 5, 10, 172)),
    # 05 CT/Brain/State: 06 shares modality and area, under State its task as well.
    ("05", "published", "M 02 03 04; A 22 32; MA 06", (0, 0, 0, 0, 0)),
    ("05", "short", "M 02 03 04; A 22 32; T 09 26; MA 06", (0, 0, 0, 2, 22)),
    ("05", "paper", "M 02; A 22; T 07 09 10 21 24 26 28; MT 03 04; AT 32; MAT 06", (2, 1, 5, 10, 96)),
    # 17 FP/Fundus/Quality: fundus photography shows nothing but the fundus, and only 01 judges quality.
    ("17", "published", "MA 14 15 16 34 51 52 53", (0, 0, 0, 0, 0)),
    ("17", "short", "T 01; MA 14 15 16 34 51 52 53", (0, 0, 0, 7, 21)),
    ("17", "paper", "T 01; MA 14 15 16 34 51 52 53", (0, 0, 0, 7, 21)),
    ("17", "paper+", "A 23; T 01; MA 14 15 16 34 51 52 53", (0, 0, 0, 7, 28)),
    # 21 Mic/Cell/Cancer: five others under the microscope, six cancers, eleven states.
    ("21", "published", "MA 18 19 20 33 42", (0, 0, 0, 0, 0)),
    ("21", "short", "T 04 06 07 10 24 32; MA 18 19 20 33 42", (0, 0, 0, 30, 60)),
    ("21", "paper", "T 03 04 05 06 07 09 10 24 26 28 32; MA 18 19 20 33 42", (0, 0, 0, 55, 110)),
    # 28 X-ray/Lung/COVID.
    ("28", "published", "M 25 26 27 29 31 32 35 36 37 49 50; A 03 04; MA 30 47 48", (0, 0, 0, 0, 0)),
    ("28", "short", "M 25 26 27 29 31 32 35 36 37 49 50; A 04; MA 30 47 48; AT 03", (0, 3, 0, 3, 50)),
    (
        "28",
        "paper",
        "M 25 27 29 31 35 36 37 49 50; T 05 06 07 09 10 21 24; MA 30 47 48; MT 26 32; AT 03 04",
        (6, 6, 4, 33, 635),
    ),
    (
        "28",
        "paper+",
        "M 25 27 29 35 36 37 49; A 43; T 05 06 07 09 10 21 24; MA 30 31 47 48 50; MT 26 32; AT 03 04",
        (10, 10, 4, 55, 981),
    ),
    # 31 X-ray/Chest/Diseases: with the chest read as lung, tuberculosis (30) is the same triple.
    ("31", "published", "M 25 26 27 28 29 30 32 35 36 37 47 48 49; A 43; MA 50", (0, 0, 0, 0, 0)),
    (
        "31",
        "short",
        "M 25 26 28 32 35 47 48 49; A 43; T 02 08 13 14 15 22 23 33; MA 50; MT 27 29 30 36 37",
        (5, 0, 0, 13, 321),
    ),
    (
        "31",
        "paper",
        "M 25 26 28 32 35 47 48 49; A 43; T 02 08 13 14 15 22 23 33; MA 50; MT 27 29 30 36 37",
        (5, 0, 0, 13, 321),
    ),
    (
        "31",
        "paper+",
        "M 25 26 32 35 49; A 03 04 43; T 02 08 13 14 15 22 23 33; MA 28 47 48 50; MT 27 29 36 37; MAT 30",
        (24, 4, 4, 64, 1137),
    ),
    # 34 FP/Fundus/Level: one of the few whose published task another subset has (35).
    ("34", "published", "T 35; MA 14 15 16 17 51 52 53", (0, 0, 0, 7, 21)),
    ("34", "short", "T 11 12 19 25 35; MA 14 15 17 51 52 53; MAT 16", (6, 6, 0, 41, 120)),
    ("34", "paper", "T 11 12 19 25 35; MA 14 15 17 51 52 53; MAT 16", (6, 6, 0, 41, 120)),
    # 45 MRI/Intestine/Diseases Det: a detection set; 41 has its published task and its area.
    ("45", "published", "M 22 46; A 11 13 39 40; AT 41", (0, 0, 0, 0, 8)),
    ("45", "short", "M 22 46; A 11 13 39 40; T 50; AT 41", (0, 0, 0, 0, 18)),
    ("45", "paper", "M 22 46; A 11 13 39 40; T 50; AT 41", (0, 0, 0, 0, 18)),
    # Triples that no subset has.
    ("CT/Brain/Diseases", "published", "M 02 03 04; A 22 32; MA 05 06", (0, 0, 0, 0, 0)),
    (
        "CT/Brain/Diseases",
        "short",
        "M 03 04; A 32; T 08 13 14 15 23 27 29 30 31 33 36 37; MA 05 06; MT 02; AT 22",
        (2, 2, 1, 28, 227),
    ),
    (
        "CT/Brain/Diseases",
        "paper",
        "M 03 04; A 32; T 08 13 14 15 23 27 29 30 31 33 36 37; MA 05 06; MT 02; AT 22",
        (2, 2, 1, 28, 227),
    ),
    ("US/Lung/State", "published", "M 24 43 44; A 03 04 28 30 47 48", (0, 0, 0, 0, 0)),
    ("US/Lung/State", "short", "M 24 43 44; A 03 04 28 30 47 48; T 05 09 26", (0, 0, 0, 0, 54)),
    ("US/Lung/State", "paper", "M 43 44; A 30 47 48; T 05 06 07 09 10 21 26 32; MT 24; AT 03 04 28", (0, 0, 3, 0, 192)),
    (
        "X-ray/Teeth/State",
        "paper",
        "M 25 27 29 30 31 35 36 37 47 48 49 50; T 03 04 05 06 07 09 10 21 24; MT 26 28 32",
        (0, 0, 0, 0, 0),
    ),
    (
        "X-ray/Teeth/State",
        "paper+",
        "M 25 27 29 30 31 35 36 37 47 48 49 50; T 03 04 05 06 07 21 24; MT 26 28 32; AT 09 10",
        (0, 0, 6, 0, 303),
    ),
    ("PET/Heart/Rhythm", "paper", "", (0, 0, 0, 0, 0)),
)


@pytest.mark.parametrize(("target", "rule", "groups", "counts"), GOLDEN, ids=lambda value: str(value)[:20])
def test_a_target_has_the_relatives_and_recipes_worked_out_by_hand(
    target: str, rule: str, groups: str, counts: tuple[int, int, int, int, int]
) -> None:
    known = subsets().values()
    chosen = rule_named(rule.removesuffix("+"), merge_areas=rule.endswith("+"))
    shared = relations_to(find_target(target, known), known, chosen)
    expected: dict[str, list[str]] = {
        name: numbers for name, *numbers in (group.split() for group in groups.split("; ") if group)
    }
    found = {
        name: [number for number, relation in shared.items() if relation is wanted] for name, wanted in NAMED.items()
    }
    assert {name: numbers for name, numbers in found.items() if numbers} == expected
    assert len(shared) == (53 if "/" in target else 52)
    assert set(shared.values()) <= set(ALL_RELATIONS)

    pairs = recipes(find_target(target, known), known, chosen)
    directions = ("fixed modality", "fixed area", "fixed task", PAIR_DIRECTION)
    by_direction = [sum(recipe.direction == direction for recipe in pairs) for direction in directions]
    triples = triple_recipes(find_target(target, known), known, chosen)
    assert (*by_direction, len(triples)) == counts


def test_the_targets_are_at_least_ten_and_every_rule_is_worked_out() -> None:
    assert len({target for target, *_ in GOLDEN}) >= 10
    assert {rule for _, rule, *_ in GOLDEN} == {"published", "short", "paper", "paper+"}

"""What is inconsistent in the sources. Shown where it matters, never silently mended.

Each note names the subsets and source data sets it is about; the text says what is printed and what follows.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DataQualityNote:
    """One inconsistency of the paper or the release. `everywhere` marks notes about the whole data set."""

    key: str
    text: str
    subsets: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    everywhere: bool = False


def _note(key: str, text: str, subsets: str = "", datasets: str = "", everywhere: bool = False) -> DataQualityNote:
    return DataQualityNote(key, text, frozenset(subsets.split()), frozenset(datasets.split()), everywhere)


NOTES: tuple[DataQualityNote, ...] = (
    _note(
        "data sets in no subset",
        "The paper numbers 109 source data sets and counts 106: numbers 43, 64 and 83 stand in no subset.",
        datasets="43 64 83",
    ),
    _note(
        "data set 44 stands twice",
        "Data set 44 (brain MRI) is listed in subsets 18 and 22. Subset 18 (cells) most likely means data set 43.",
        subsets="18 22",
        datasets="43 44",
    ),
    _note(
        "area of subset 43",
        "Subset 43 is printed as ultrasound of the chest; its only data set, 97 (BUSI), shows the breast.",
        subsets="43",
        datasets="97",
    ),
    _note(
        "spelling varies",
        "The sources write X-Ray and X-ray, Ultrasound and US, Teeth and Mouth, Retine and Retina.",
        everywhere=True,
    ),
    _note(
        "name of subset 49",
        "Subset 49 is printed as Spinal Anomaly Det in one table and as Spinal Error Det in others.",
        subsets="49",
        datasets="100",
    ),
    _note(
        "task names are nearly all different",
        "The 53 published task names are 50 different ones: as printed only 33 and 37, 34 and 35, 41 and 45 share "
        "theirs, so hardly any two subsets share a task. The short tasks are a reading of Tables 3-8.",
        everywhere=True,
    ),
    _note(
        "COVID and Cancer under State",
        "The paper groups COVID and Cancer under State (appendix B.1) but prints them as tasks of their own.",
        subsets="03 04 06 07 10 21 24 28 32",
    ),
    _note(
        "chest and lung, retina and fundus",
        "Whether Chest counts as Lung, or Retina as Fundus, decides who is related; the paper does not say.",
        subsets="14 15 16 17 23 28 30 31 34 43 47 48 50 51 52 53",
    ),
    _note(
        "counts of Figure 4",
        "The related to unrelated counts printed for Figure 4 (13:11 and 11:13) follow from no labelling tried.",
        subsets="03 28",
    ),
    _note(
        "small test sets",
        "The test set is small (sizes inferred from the decimals: 17: 33; 27: 67; 03 and 30: 100; 28: 150; "
        "04 and 19: 200 items). Most published gains are within the noise of such a set.",
        subsets="03 04 17 19 27 28 30",
    ),
    _note(
        "baseline below chance",
        "The printed baseline of subset 05 is 33 % on a two-way question: below chance, so the model missed the "
        "answer format. Read gains against chance and Baseline+.",
        subsets="05",
    ),
    _note(
        "baseline of row 21",
        "Row 21 of Table 3 prints baseline 25 for subset 32 where its neighbours print 49.",
        subsets="32",
    ),
    _note(
        "result of row 24",
        "Row 24 of Table 3 prints 36 for subset 04 where the repeats (Table 9 of v2) print about 32.",
        subsets="04",
    ),
    _note(
        "shared ISIC images",
        "Subsets 07 and 08 draw on overlapping ISIC image sets: the same picture may stand in both.",
        subsets="07 08",
        datasets="10 15 71 72",
    ),
    _note(
        "data set 61 is part of 80",
        "Data set 61 is a random sample of data set 80 (NIH chest X-rays): the same pictures occur twice.",
        subsets="31",
        datasets="61 80",
    ),
    _note(
        "COVID collections overlap",
        "The COVID image collections draw on each other: the same picture may stand in training and test.",
        subsets="03 28",
        datasets="3 4 6 55 56 57 62 81",
    ),
)


def notes_for_subset(number: str) -> tuple[DataQualityNote, ...]:
    """The notes about one subset."""
    return tuple(note for note in NOTES if number in note.subsets)


def notes_for_dataset(number: str) -> tuple[DataQualityNote, ...]:
    """The notes about one source data set."""
    return tuple(note for note in NOTES if number in note.datasets)

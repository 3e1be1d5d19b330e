"""Citations as BibTeX: read back by a BibTeX parser, nothing made up, every key its own."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, parse_string  # type: ignore[import-untyped]

from medmat_explorer.domain.bibliography import bibliography, dataset_entry, dataset_key, escaped
from medmat_explorer.domain.subset import SourceDataset
from medmat_explorer.paper.facts import datasets

UNESCAPES = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    **{f"\\{sign}": sign for sign in "&%$#_"},
}
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]))


def read(text: str) -> BibliographyData:
    return parse_string(text, "bibtex")


def unescaped(text: str) -> str:
    """What TeX would print."""
    return re.sub("|".join(map(re.escape, UNESCAPES)), lambda found: UNESCAPES[found[0]], text)


def test_every_source_data_set_of_the_paper_has_an_entry_of_its_own() -> None:
    found = read(bibliography(datasets().values()))
    assert len(found.entries) == len(datasets()) + 1
    for dataset in datasets().values():
        entry = found.entries[dataset_key(dataset)]
        assert entry.type == "misc"
        assert unescaped(entry.fields["title"].strip("{}")) == " ".join(dataset.name.split())
        assert set(entry.fields) <= {"title", "howpublished", "note"}
        assert not entry.persons
        for link in dataset.links:
            assert link in entry.fields["howpublished"].replace(r"\%", "%").replace(r"\#", "#")
        if dataset.citation:
            assert unescaped(entry.fields["note"]).endswith(f"cited there as {dataset.citation}")


def test_the_paper_stands_first_with_what_is_known_of_it() -> None:
    paper = read(bibliography([])).entries["cai2025medmat"]
    assert "Compositional Generalization" in paper.fields["title"]
    assert (paper.fields["year"], paper.fields["eprint"]) == ("2025", "2412.20070")
    assert [str(person) for person in paper.persons["author"]] == ["Cai, Zhenyang", "others"]


def test_what_is_not_known_is_left_out() -> None:
    entry = read(str(dataset_entry(SourceDataset("P1", "Phantoms", "CT", "Lung"), of_med_mat=False)))
    assert dict(entry.entries["datasetP1-phantoms"].fields) == {"title": "{Phantoms}", "note": "Source data set P1"}


def test_names_that_look_alike_get_different_keys() -> None:
    names = ["A B", "a-b", "A  B!", "", "\U0001f52c", "a" * 200]
    made = [SourceDataset(str(number), name, "CT", "Lung") for number, name in enumerate(names)]
    made += [SourceDataset("1 1", "x", "CT", "Lung"), SourceDataset("11", "x", "CT", "Lung")]
    keys = [dataset_key(dataset) for dataset in made]
    assert len({key.lower() for key in keys}) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", key) for key in keys)
    assert len(read(bibliography(made)).entries) == len(made) + 1


@given(TEXT, TEXT, TEXT)
def test_any_text_stays_within_its_entry(name: str, citation: str, link: str) -> None:
    dataset = SourceDataset("7", name, "CT", "Lung", url=f"https://x/{link}", citation=citation)
    after = SourceDataset("8", "After", "CT", "Lung")
    found = read(bibliography([dataset, after]))
    assert list(found.entries) == ["cai2025medmat", dataset_key(dataset), dataset_key(after)]
    note = found.entries[dataset_key(dataset)].fields["note"]
    assert unescaped(escaped(citation)) == " ".join(citation.split())
    assert escaped(citation) in note or not citation


@given(st.text(alphabet="{}\\x", min_size=1))
def test_braces_are_balanced_even_behind_a_backslash(name: str) -> None:
    depth = 0
    for sign in bibliography([SourceDataset("7", name, "CT", "Lung", citation=name)]):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0

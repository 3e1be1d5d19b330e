"""Who is to be cited for pictures and questions, as BibTeX.

Only what is known stands in an entry. Of a source data set the paper gives a name, a link and how it cites it ("Islam
et al. (2022a)"), so its entry is a @misc with these three and no author or year made up from them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from medmat_explorer.domain.subset import SourceDataset

ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""Braces get names: BibTeX counts them even behind a backslash."""

IN_LINKS = {"\\": "%5C", "{": "%7B", "}": "%7D", "<": "%3C", ">": "%3E", '"': "%22", " ": "%20"}


@dataclass(frozen=True)
class BibEntry:
    """An entry; the values of `fields` are BibTeX already, without the braces around them."""

    key: str
    kind: str = "misc"
    fields: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"  {name} = {{{value}}}" for name, value in self.fields.items() if value]
        return f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}\n"


MED_MAT = BibEntry(
    "cai2025medmat",
    fields={
        "title": "{Exploring Compositional Generalization of Multimodal LLMs for Medical Imaging}",
        "author": "Cai, Zhenyang and others",
        "year": "2025",
        "eprint": "2412.20070",
        "archiveprefix": "arXiv",
        "note": "ACL 2025",
    },
)
"""The paper that Med-MAT comes from."""


def escaped(text: str) -> str:
    """Text as BibTeX takes it: on one line, with every sign that means something to TeX written out."""
    return "".join(ESCAPES.get(sign, sign) for sign in " ".join(text.split()))


def dataset_entry(dataset: SourceDataset, *, of_med_mat: bool = True) -> BibEntry:
    """The entry of a source data set; `of_med_mat` says that its number and citation are those of the paper."""
    said = f"Source data set {dataset.number}" + (" of Med-MAT" if of_med_mat else "")
    if dataset.citation:
        said += f", {'cited there' if of_med_mat else 'cited'} as {dataset.citation}"
    return BibEntry(
        dataset_key(dataset),
        fields={
            "title": f"{{{escaped(dataset.name)}}}"
            if dataset.name.strip()
            else f"{{Data set {escaped(dataset.number)}}}",
            "howpublished": ", ".join(f"\\url{{{_in_link(link)}}}" for link in dataset.links),
            "note": escaped(said),
        },
    )


def dataset_key(dataset: SourceDataset) -> str:
    """A key that no other data set has: its number, then what its name says in plain letters."""
    words = re.sub(r"[^a-z0-9]+", "-", dataset.name.lower()).strip("-")
    number = re.sub(r"[^A-Za-z0-9]", lambda found: f"x{ord(found[0]):x}", dataset.number)
    return f"dataset{number}-{words[:40].strip('-')}".rstrip("-")


def bibliography(datasets: Iterable[SourceDataset], *, of_med_mat: bool = True) -> str:
    """A whole file: Med-MAT's paper, then every data set."""
    entries = [MED_MAT, *(dataset_entry(dataset, of_med_mat=of_med_mat) for dataset in datasets)]
    return "\n".join(map(str, entries))


def _in_link(link: str) -> str:
    return "".join(IN_LINKS.get(sign, sign) for sign in link).replace("%", r"\%").replace("#", r"\#")

"""Six wordings of a subset's question, as Med-MAT has six to a subset: derived from the triple, or given."""

from collections.abc import Sequence

from medmat_explorer.domain.triplet import MatTriplet

WORDINGS = 6
PICTURES = {
    "Co": "colposcopic image",
    "CT": "CT image",
    "Der": "dermoscopic image",
    "DP": "photograph",
    "End": "endoscopic image",
    "FP": "fundus photograph",
    "Mic": "microscopy image",
    "MRI": "MRI scan",
    "OCT": "OCT scan",
    "US": "ultrasound image",
    "X-ray": "X-ray image",
}
"""What a picture of each of the paper's modalities is called in a question."""

MATTERS = {
    "Cancer": "cancer category",
    "Cell Identification": "cell type",
    "COVID": "COVID-19 status",
    "Diseases": "disease",
    "Level": "degree",
    "Quality": "image quality",
    "State": "state",
}
"""What is asked for under each of the paper's short tasks of classification."""

TEMPLATES = (
    "Which {matter} does this {picture} show?",
    "Classify this {picture} by its {matter}.",
    "What is the {matter} seen in this {picture}?",
    "Review this {picture} and choose the {matter} that fits it.",
    "Look at this {picture} and name the {matter}.",
    "Determine the {matter} from this {picture}.",
)


def derived_wordings(triplet: MatTriplet) -> tuple[str, ...]:
    """Six questions about a picture of this modality and area, asking for what the task is about."""
    picture, matter = _picture(triplet), MATTERS.get(triplet.task) or f"{_as_word(triplet.task)} category"
    return tuple(template.format(picture=picture, matter=matter) for template in TEMPLATES)


def six_wordings(triplet: MatTriplet, given: Sequence[str] = ()) -> tuple[str, ...]:
    """The given wordings, filled up to six by derived ones; blanks around and repeated ones are dropped.

    Raises ValueError when there are more than six.
    """
    asked = list(dict.fromkeys(text for text in map(str.strip, given) if text))
    if len(asked) > WORDINGS:
        raise ValueError(
            f"{len(asked)} wordings are given; Med-MAT has {WORDINGS} to a subset. Give {WORDINGS} or fewer."
        )
    return tuple(dict.fromkeys([*asked, *derived_wordings(triplet)]))[:WORDINGS]


def _picture(triplet: MatTriplet) -> str:
    known = PICTURES.get(triplet.modality, f"{triplet.modality} image")
    area = _as_word(triplet.area)
    return known if area in known.lower().split() else f"{known} of the {area}"


def _as_word(name: str) -> str:
    """A name inside a sentence: small letters, but for abbreviations (`COVID`, `Chest X-ray`)."""
    return " ".join(word if any(letter.isupper() for letter in word[1:]) else word.lower() for word in name.split())

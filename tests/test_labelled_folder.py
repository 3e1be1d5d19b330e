"""Folders of labelled images, by folders' names and by tables: what is read, what is refused, and why."""

from pathlib import Path

import pytest

from medmat_explorer.domain.own_subset import LabelledPicture
from medmat_explorer.domain.qa import Split
from medmat_explorer.errors import LayoutError
from medmat_explorer.own_subsets.labelled_folder import LabelledFolder, read_labelled_folder


def folder(root: Path, *paths: str, **texts: str | bytes) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"")
    for path, text in texts.items():
        (root / path).write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def labels(read: LabelledFolder) -> dict[str, tuple[str, ...]]:
    return {picture.image: picture.labels for picture in read.pictures}


def reasons(read: LabelledFolder) -> dict[str, str]:
    return {one.image: one.reason for one in read.refused}


def test_folders_names_are_labels_however_deep_the_pictures_lie(tmp_path: Path) -> None:
    root = folder(tmp_path, "Cyst/a.png", "Cyst/more/b.jpg", "No  Tumor/c (1).png", "Cyst/.DS_Store", "Cyst/notes.txt")
    read = read_labelled_folder(root)
    assert labels(read) == {"Cyst/a.png": ("Cyst",), "Cyst/more/b.jpg": ("Cyst",), "No  Tumor/c (1).png": ("No Tumor",)}
    assert {picture.split for picture in read.pictures} == {None}
    assert read.refused == ()


def test_train_and_test_folders_are_the_split_and_validation_is_training(tmp_path: Path) -> None:
    root = folder(tmp_path, "train/Cyst/1.png", "Test/Cyst/2.png", "val/Normal/3.png", "train/stray.png")
    read = read_labelled_folder(root)
    assert {p.image: (p.labels, p.split) for p in read.pictures} == {
        "train/Cyst/1.png": (("Cyst",), Split.TRAIN),
        "Test/Cyst/2.png": (("Cyst",), Split.TEST),
        "val/Normal/3.png": (("Normal",), Split.TRAIN),
    }
    assert reasons(read) == {"train/stray.png": "no-label"}
    assert any("validation" in note for note in read.notes)


def test_a_split_beside_a_label_is_a_question_and_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="'train' and 'Cyst' lie side by side"):
        read_labelled_folder(folder(tmp_path, "train/Cyst/1.png", "Cyst/2.png"))


@pytest.mark.parametrize(
    "table",
    [
        "image,label,split,caption\na.png,Cyst,train,A cyst\nsub/b.png,Mass; Edema,test,\n",
        "Label;File;Split;Caption\nCyst;a.png;train;A cyst\nEdema|Mass;sub/b.png;test;\n",
        "path\tclass\tset\tcaption\na.png\tCyst\ttrain\tA cyst\nsub/b.png\tEdema|Mass\ttest\t\n",
        "\ufeffimage,label,split,caption\r\n./a.png,Cyst,Train,A  cyst\r\nsub\\b.png,Mass|Edema,TEST,\r\n",
    ],
)
def test_tables_with_any_separator_give_the_same(tmp_path: Path, table: str) -> None:
    read = read_labelled_folder(folder(tmp_path, "a.png", "sub/b.png", **{"labels.csv": table}))
    assert read.pictures == (
        LabelledPicture("a.png", ("Cyst",), Split.TRAIN, "", "A cyst"),
        LabelledPicture("sub/b.png", ("Edema", "Mass"), Split.TEST),
    )
    assert read.refused == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_tables_in_any_usual_encoding_are_read(tmp_path: Path, encoding: str) -> None:
    text = "image,label\na.png,Übergangszone\nb.png,Zyste\n".encode(encoding)
    read = read_labelled_folder(folder(tmp_path, "a.png", "b.png", **{"t.csv": text}))
    assert labels(read)["a.png"] == ("Übergangszone",)


def test_a_table_may_name_pictures_without_folder_or_ending(tmp_path: Path) -> None:
    root = folder(tmp_path, "part1/ISIC_1.jpg", "part2/ISIC_2.jpg", "x/1.png", "y/1.png")
    folder(root, **{"meta.csv": "lesion_id,image_id,dx\nL1,ISIC_1,nv\nL1,ISIC_2,mel\nL2,1.png,mel\nL3,none,nv\n"})
    read = read_labelled_folder(root)
    assert {p.image: (p.labels, p.group) for p in read.pictures} == {
        "part1/ISIC_1.jpg": (("nv",), "L1"),
        "part2/ISIC_2.jpg": (("mel",), "L1"),
    }
    assert reasons(read) == {"1.png": "ambiguous", "none": "missing"}
    assert any("one group" in note for note in read.notes)


def test_rows_that_cannot_be_used_are_refused_one_by_one(tmp_path: Path) -> None:
    rows = "image,label,split\na.png,Cyst,\nb.png,,\n,Cyst,\nc.png,Cyst,third\n../d.png,Cyst,\n/etc/passwd,Cyst,\n\n"
    read = read_labelled_folder(folder(tmp_path / "in", "a.png", "b.png", "c.png", **{"t.csv": rows}))
    assert labels(read) == {"a.png": ("Cyst",)}
    assert reasons(read) == {
        "b.png": "no-label",
        "row 4": "no-image",
        "c.png": "unknown-split",
        "../d.png": "outside",
        "/etc/passwd": "outside",
    }


def test_rows_that_contradict_each_other_are_refused_and_repeated_ones_are_not(tmp_path: Path) -> None:
    rows = "image,label\na.png,Cyst\na.png,Mass\nb.png,Mass\nb.png,Mass\n"
    read = read_labelled_folder(folder(tmp_path, "a.png", "b.png", **{"t.csv": rows}))
    assert labels(read) == {"b.png": ("Mass",)}
    assert reasons(read) == {"a.png": "two-labels"}
    assert "parted by | or ;" in read.refused[0].message


def test_questions_of_a_table_are_kept_apart(tmp_path: Path) -> None:
    rows = "image,question,answer\na.png,Is it a cyst?,yes\na.png,Which side?,Left\n"
    read = read_labelled_folder(folder(tmp_path, "a.png", **{"t.csv": rows}))
    assert [(p.question, p.labels) for p in read.pictures] == [("Is it a cyst?", ("yes",)), ("Which side?", ("Left",))]


@pytest.mark.parametrize(
    ("paths", "texts", "table", "sentence"),
    [
        ((), {}, None, "No labelled images"),
        (("a.png", "b.png"), {}, None, "lies in no label's folder"),
        (("a.png",), {"t.csv": "image,label\n", "u.csv": "file,dx\n"}, None, r"Several tables .*t.csv, u.csv"),
        (("a.png",), {"t.csv": "picture,meaning\n"}, Path("t.csv"), "has no column of images"),
        (("a.png",), {}, Path("none.csv"), "There is no table 'none.csv'"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(
    tmp_path: Path, paths: tuple[str, ...], texts: dict[str, str], table: Path | None, sentence: str
) -> None:
    with pytest.raises(LayoutError, match=sentence):
        read_labelled_folder(folder(tmp_path, *paths, **texts), table)


def test_no_folder_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="is not a folder"):
        read_labelled_folder(tmp_path / "none")


def test_links_to_folders_are_not_followed_and_said(tmp_path: Path) -> None:
    folder(tmp_path / "elsewhere", "secret.png")
    root = folder(tmp_path / "in", "Cyst/a.png", "Normal/b.png")
    (root / "Tumor").symlink_to(tmp_path / "elsewhere")
    read = read_labelled_folder(root)
    assert set(labels(read)) == {"Cyst/a.png", "Normal/b.png"}
    assert any("'Tumor' is a link to a folder" in note for note in read.notes)

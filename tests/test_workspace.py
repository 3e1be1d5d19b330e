"""What readers keep: tags, sets and views, written so that nothing else is ever seen than the old or the new."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.workspace import LONGEST_NAME, SavedView, Workspace, checked_name
from tests.conftest import ROOT


@pytest.fixture
def workspace(home: Path) -> Workspace:
    return Workspace(home, "mini")


@given(name=st.text(max_size=LONGEST_NAME + 5))
@settings(max_examples=200, deadline=None)
def test_a_name_is_kept_as_it_is_or_refused_with_a_sentence(name: str) -> None:
    try:
        assert checked_name(name, "tag") == name.strip()
    except CollectionError as error:
        assert "cannot name a tag" in str(error)
        assert not 0 < len(name.strip()) <= LONGEST_NAME or not name.strip().isprintable()


def test_tags_add_up_and_empty_ones_are_gone(workspace: Workspace) -> None:
    assert workspace.tags() == {}
    assert workspace.add_tag(" a ", [1, 2, 2]) == 2
    assert workspace.add_tag("a", np.array([2, 3])) == 3
    assert workspace.add_tag("../b", [2**63 - 1, 0]) == 2
    assert workspace.tags() == {"../b": 2, "a": 3}
    assert workspace.remove_tag("a", [1, 9]) == 2
    assert workspace.remove_tag("a", [2, 3]) == 0
    assert workspace.tags() == {"../b": 2}
    assert {file.parent for file in workspace.tag_files()} == {workspace.folder / "tags"}


def test_a_tag_of_a_whole_collection_is_written_at_once(workspace: Workspace) -> None:
    ids = np.random.default_rng(0).integers(0, 2**62, 300_000)
    assert workspace.add_tag("all", ids) == len(np.unique(ids))


def test_the_least_used_sets_are_forgotten_when_there_are_too_many(home: Path) -> None:
    workspace = Workspace(home, "mini", most_sets=20)
    first = workspace.keep_set([1])
    names = [workspace.keep_set([i, i + 1]) for i in range(19)]
    os.utime(workspace.folder / "sets" / f"{names[0]}.parquet", (1, 1))
    assert workspace.keep_set([1]) == first
    last = workspace.keep_set([5, 6, 7])
    assert workspace.set_file(names[0]) is None
    assert workspace.set_file(first) and workspace.set_file(last)
    assert workspace.set_file("nonsense") is None


def test_views_are_kept_replaced_and_forgotten(workspace: Workspace) -> None:
    workspace.save_view("Ä view", {"modality": ["CT", "MRI"], "sort": "random"})
    workspace.save_view("another", {"q": "stone"})
    workspace.save_view("another", {"q": "cyst"})
    assert workspace.views() == (
        SavedView("another", {"q": "cyst"}),
        SavedView("Ä view", {"modality": ["CT", "MRI"], "sort": "random"}),
    )
    workspace.delete_view("another")
    workspace.delete_view("never was")
    assert [view.name for view in workspace.views()] == ["Ä view"]
    (workspace.folder / "views.json").write_text("{", "utf-8")
    with pytest.raises(CollectionError, match="cannot be read"):
        workspace.views()


def test_a_home_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "workspace").write_text("a file where a folder should be")
    with pytest.raises(CollectionError, match="cannot be written"):
        Workspace(tmp_path, "mini").add_tag("a", [1])


def test_a_process_killed_while_it_tags_leaves_the_tag_whole(home: Path) -> None:
    code = (
        "from pathlib import Path; from medmat_explorer.store.workspace import Workspace\n"
        f"w = Workspace(Path({str(home)!r}), 'mini')\n"
        "for i in range(10**6): w.add_tag('a', range(i * 1000, i * 1000 + 1000)); print(i, flush=True)"
    )
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        confirmed = [process.stdout.readline() for _ in range(4)][-1]
        time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        items = Workspace(home, "mini").tags()["a"]
        assert items % 1000 == 0
        assert items >= (int(confirmed) + 1) * 1000
    assert Workspace(home, "mini").add_tag("a", [10**12]) % 1000 == 1

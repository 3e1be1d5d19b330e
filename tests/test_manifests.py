"""The list of backbones as data, and how names of the hub become folders of its cache."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from medmat_explorer.backbones.contract import Capability, LoadOptions
from medmat_explorer.backbones.families import FAMILIES
from medmat_explorer.backbones.hub_cache import ALLOW, cached_folder, commit_of, hub_folder, hub_id_of, is_hub_id
from medmat_explorer.backbones.manifests import MANIFESTS, memory_gb
from medmat_explorer.backbones.registry import REGISTRY, resolve
from medmat_explorer.config import BUNDLED_BACKBONES
from medmat_explorer.errors import BackboneError, UnknownNameError
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("default")  # what other people's models warn of is not ours to forbid
COMMIT, OLDER = "c" * 40, "d" * 40
BUNDLED = BUNDLED_BACKBONES / "phantom-llava"


def in_cache(cache: Path, hub_id: str, commits: tuple[str, ...] = (COMMIT,)) -> Path:
    """The bundled backbone as if it had been fetched from the hub; the first commit is `main`."""
    home = cache / f"models--{hub_id.replace('/', '--')}"
    for commit in commits:
        shutil.copytree(BUNDLED, home / "snapshots" / commit)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commits[0])
    return home / "snapshots" / commits[0]


def test_every_manifest_is_whole_and_frozen() -> None:
    assert len({manifest.id for manifest in MANIFESTS}) == len(MANIFESTS)
    names = {family.name for family in FAMILIES}
    for manifest in MANIFESTS:
        assert manifest.title and manifest.tested and manifest.padding and manifest.prompt
        assert Capability.LETTERS in manifest.capabilities
        assert manifest.source != "hub" or manifest.family in names
        assert manifest.revision == "" or len(manifest.revision) == 40
    with pytest.raises(FrozenInstanceError):
        MANIFESTS[0].id = "other"  # type: ignore[misc]


def test_what_was_never_run_with_its_weights_says_so() -> None:
    own = {manifest.id for manifest in MANIFESTS if "its own weights" in manifest.tested}
    assert own == {"phantom-llava", "always-a"}
    assert all("never with these weights" in manifest.tested for manifest in MANIFESTS if manifest.source == "hub")


def test_memory_follows_from_parameters_and_form() -> None:
    assert memory_gb(10**9) == {"float32": 5.2, "bfloat16": 2.8, "8-bit": 1.6, "4-bit": 1.0}
    assert memory_gb(0) == {}


def test_what_only_a_server_can_run_says_why() -> None:
    served = {manifest.id for manifest in MANIFESTS if manifest.server_only}
    assert served == {"huatuogpt-vision-7b", "llava-med-1.5", "next-chat", "minigpt-v2"}
    with pytest.raises(BackboneError, match=r"NExT-Chat 7B cannot be loaded here. It is published as pickled weights"):
        resolve("next-chat")


def test_ids_of_the_hub_are_told_from_paths() -> None:
    assert all(map(is_hub_id, ("llava-hf/llava-1.5-7b-hf", "Qwen/Qwen2-VL-7B-Instruct@a7a06a1", "a/b@refs/pr/1")))
    assert not any(map(is_hub_id, ("llava", "/models/llava", "a/b/c", "../b", "a/b@", "a b/c")))


def test_a_folder_of_the_cache_knows_its_id_and_commit(tmp_path: Path) -> None:
    folder = in_cache(tmp_path, "lab/phantom")
    assert cached_folder("lab/phantom", cache=tmp_path) == folder
    assert (hub_id_of(folder), commit_of(folder)) == ("lab/phantom", COMMIT)
    assert (hub_id_of(BUNDLED), commit_of(BUNDLED)) == ("", "")


def test_the_commit_stands_in_the_record_of_what_is_loaded(tmp_path: Path) -> None:
    from medmat_explorer.backbones.transformers_adapter import load_folder

    options = LoadOptions(device="cpu", threads=1)
    fetched, bundled = (
        load_folder(folder, options, lambda stage: None).loaded
        for folder in (in_cache(tmp_path, "lab/phantom"), BUNDLED)
    )
    assert (fetched.commit, bundled.commit) == (COMMIT, "")
    assert fetched.revision == bundled.revision
    assert fetched.memory_gb > 0


def test_a_revision_is_kept_to(tmp_path: Path) -> None:
    in_cache(tmp_path, "lab/phantom", (COMMIT, OLDER))
    assert commit_of(hub_folder("lab/phantom", False, tmp_path)) == COMMIT
    assert commit_of(hub_folder(f"lab/phantom@{OLDER}", False, tmp_path)) == OLDER
    with pytest.raises(
        BackboneError, match=f"lab/phantom at {'e' * 40} is neither a folder here nor in the local cache"
    ):
        hub_folder(f"lab/phantom@{'e' * 40}", False, tmp_path)


def test_nothing_is_fetched_unless_the_reader_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        BackboneError,
        match=rf"lab/none is neither a folder here nor in the local cache .*, and {ALLOW} is off: fetch it with",
    ):
        hub_folder("lab/none", False, tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # the library reads the variable once
    with pytest.raises(BackboneError, match=", and HF_HUB_OFFLINE is set"):
        hub_folder("lab/none", True, tmp_path)


def test_a_fetch_that_fails_is_one_sentence(tmp_path: Path) -> None:
    """With nobody listening at the hub's address; in a process of its own, since the address is read once."""
    code = (
        "import sys; from pathlib import Path; from medmat_explorer.backbones.hub_cache import hub_folder\n"
        "from medmat_explorer.errors import BackboneError\n"
        "try: hub_folder('lab/none', True, Path(sys.argv[1]))\n"
        "except BackboneError as error: print(error)"
    )
    environ = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("lab/none could not be fetched from the Hugging Face hub: ")
    assert done.stdout.count("\n") == 1


def test_the_list_says_where_each_is_and_names_resolve(tmp_path: Path) -> None:
    """With a cache that holds one of the listed models (its files are the bundled one's) and one that is not listed."""
    in_cache(tmp_path, "Qwen/Qwen2.5-VL-7B-Instruct")
    in_cache(tmp_path, "lab/phantom")
    environ = {**os.environ, "HF_HUB_CACHE": str(tmp_path), "MEDMAT_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "medmat_explorer", "backbones", "--json"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = {entry["id"]: entry for entry in json.loads(done.stdout)["backbones"]}
    where = {name: entry["availability"] for name, entry in listed.items()}
    assert where["phantom-llava"] == where["always-a"] == "bundled"
    assert where["qwen2.5-vl-7b"] == "in the local hub cache" and listed["qwen2.5-vl-7b"]["available"]
    assert where["llava-1.5-7b"] == "not here" and not listed["llava-1.5-7b"]["available"]
    assert where["minigpt-v2"] == "through a server only"
    code = (
        "from medmat_explorer.backbones.registry import resolve\n"
        "for name in ('qwen2.5-vl-7b', 'lab/phantom'):\n"
        "    ref = resolve(name); print(ref.id, ref.manifest.revision, ref.manifest.source, ref.folder)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert told[0].startswith(f"qwen2.5-vl-7b {COMMIT} hub ")
    assert told[1].startswith(f"lab/phantom {COMMIT} hub ")


def test_a_listed_model_that_is_not_here_says_how_to_get_it(use_home: pytest.MonkeyPatch) -> None:
    use_home.delenv(ALLOW, raising=False)
    with pytest.raises(BackboneError, match="google/medgemma-4b-it is neither a folder here nor in the local cache"):
        resolve("medgemma-4b")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"phantom-llava, always-a, llava-1.5-7b.*Hugging Face hub"):
        resolve("gpt-17")


def test_what_is_here_comes_first_and_can_be_loaded_by_its_id() -> None:
    assert [ref.id for ref in REGISTRY] == [manifest.id for manifest in MANIFESTS[: len(REGISTRY)]]
    assert all(resolve(ref.id) == ref and ref.problem == "" for ref in REGISTRY)

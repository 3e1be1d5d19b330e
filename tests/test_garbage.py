"""Modules are kept out of the garbage collector's sight, and garbage is still collected."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT


def test_a_drawn_page_leaves_little_for_the_collector_to_look_at(
    phantoms_home: Path, use_home: pytest.MonkeyPatch
) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    gc.unfreeze()
    before = len(gc.get_objects())
    app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=30).run()
    assert not app.exception
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0.9 * before
    assert len(gc.get_objects()) < 0.5 * before


def test_nothing_is_collected_before_the_first_page_and_garbage_is_collected_after_it() -> None:
    script = """
import gc, weakref
from medmat_explorer.ui import garbage
garbage.wait_for_first_page()
assert not gc.isenabled()
class Ring: pass
first, late = Ring(), Ring()
first.own, late.own = first, late
watched = [weakref.ref(first), weakref.ref(late)]
del first
garbage.spare_modules()
assert watched[0]() is None, "garbage of the start is not frozen"
del late
garbage.spare_modules()
assert gc.isenabled() and gc.get_freeze_count()
gc.collect()
assert watched[1]() is not None, "what lived when it was frozen stays"
own = Ring(); own.own = own
fresh = weakref.ref(own)
del own
gc.collect()
assert fresh() is None, "garbage of later pages goes"
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60)

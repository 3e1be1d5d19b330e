"""The server imports what pages need before the first page asks for it, and quietly."""

import time
from pathlib import Path

from tests.e2e.conftest import start_server, stop_server


def test_a_started_server_has_its_pages_parts_at_hand_before_anybody_looks(phantoms_home: Path, tmp_path: Path) -> None:
    server = start_server(phantoms_home, tmp_path / "log")
    try:
        maps, deadline = Path(f"/proc/{server.process.pid}/maps"), time.monotonic() + 60
        if maps.exists():
            while "pandas" not in maps.read_text() and time.monotonic() < deadline:
                time.sleep(0.1)
            assert "pandas" in maps.read_text(), "the overview's tables"
            assert "libtorch" not in maps.read_text()
    finally:
        stop_server(server)
    assert "No runtime found" not in server.log.read_text()

"""A real server and a real Chromium. A failing browser test keeps a screenshot and the server's output."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser import find_chromium, launch_arguments
from tests.conftest import ROOT

ARTIFACTS = ROOT / "test-artifacts"
expect.set_options(timeout=20_000)  # what a busy machine may take; what is there is seen at once


@dataclass
class Server:
    """A running app."""

    url: str
    home: Path
    log: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(home: Path, log: Path) -> Server:
    """Starts the app as `make run` does and waits until it answers."""
    port = free_port()
    environ = {**os.environ, "MEDMAT_HOME": str(home), "MEDMAT_PORT": str(port), "MEDMAT_THREADS": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "medmat_explorer", "serve"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", home, log, process)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.url}/healthz", timeout=2).read()
            return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not answer:\n{log.read_text()}")


def stop_server(server: Server) -> None:
    """Ends the server that was started here."""
    server.process.terminate()
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="session")
def server(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server over the synthetic collection for all browser tests of this run, whose tags other tests don't see."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(phantoms_home, folder / "home")
    running = start_server(folder / "home", folder / "server.log")
    yield running
    stop_server(running)


@pytest.fixture
def fresh_server(phantoms_home: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has opened a page of yet."""
    running = start_server(phantoms_home, tmp_path / "server.log")
    yield running
    stop_server(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests of this run."""
    path = find_chromium()
    if path is None:
        pytest.fail("There is no Chromium; `make test` installs it, or set CHROMIUM=/path/to/it.")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """The browser profile that pages share: what the app is made of is fetched and compiled once, not once a page.

    The app keeps nothing in the browser but the address, so a page finds nothing of the one before it.
    """
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def new_page(browser: Browser, profile: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens pages: `new_page(width=390, dark=True)`; with `alone=True` in a browser profile that never saw the app."""
    pages: list[Page] = []
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def make(width: int = 1440, height: int = 1000, dark: bool = False, alone: bool = False) -> Page:
        if alone:
            contexts.append(browser.new_context())
        opened = (contexts[-1] if alone else profile).new_page()
        opened.set_default_timeout(20_000)
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.set_viewport_size({"width": width, "height": height})
        # a third of a page's cost here is painting what moves
        opened.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        pages.append(opened)
        return opened

    yield make
    for opened in pages:
        opened.close()
    for context in contexts:
        context.close()
    assert problems == [], "a page threw errors"


@pytest.fixture
def page(new_page: Callable[..., Page], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new page. When the test fails, its screenshot is kept and the server's output shown."""
    opened = new_page()
    yield opened
    report = getattr(request.node, "report_of_call", None)
    if report is not None and report.failed:
        ARTIFACTS.mkdir(exist_ok=True)
        name = re.sub(r"[^\w-]+", "_", request.node.name)
        opened.screenshot(path=ARTIFACTS / f"{name}.png")
        for fixture in ("server", "fresh_server"):
            if fixture in request.node.funcargs:
                print(request.node.funcargs[fixture].log.read_text()[-4000:])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers the outcome of a test for the fixtures that clean up after it."""
    report = yield
    if report.when == "call":
        item.report_of_call = report  # type: ignore[attr-defined]
    return report


def settled(page: Page) -> None:
    """Waits until Streamlit has finished running the page: it also says so before it begins, when nothing is shown."""
    page.wait_for_selector('[data-testid="stApp"]')
    page.wait_for_function(
        """() => { const app = document.querySelector('[data-testid="stApp"]');
                   const shown = '[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]';
                   return app && app.querySelector(shown) && app.dataset.testScriptState === 'notRunning'
                          && app.dataset.testConnectionState === 'CONNECTED'; }"""
    )

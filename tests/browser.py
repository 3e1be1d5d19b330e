"""Finds Chromium for the browser tests, or installs it with the system's package manager.

Run as a script it makes sure that there is one: found, installed, or one sentence that says what to do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FIXED = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
INSTALLERS = {
    "apt-get": [
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ],
    "dnf": [["dnf", "install", "-y", "-q", "chromium"]],
    "apk": [["apk", "add", "--quiet", "chromium"]],
}
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: `CHROMIUM` from the environment, the PATH, or where macOS keeps it."""
    if named := os.environ.get("CHROMIUM"):
        return named if Path(named).exists() else None
    candidates = [*(shutil.which(name) for name in NAMES), *FIXED]
    return next((path for path in candidates if path and Path(path).exists()), None)


def launch_arguments() -> list[str]:
    """Quiet and offline; without its sandbox only where the user is root, since Chromium refuses it there."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if root else [])]


def install_chromium() -> str | None:
    """Installs Chromium where that is allowed without a password; returns why it was not, or None."""
    manager = next((name for name in INSTALLERS if shutil.which(name)), None)
    if manager is None:
        return "no package manager known to this script"
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    problem = None
    for command in INSTALLERS[manager]:
        given = [*prefix, *command]
        done = subprocess.run(given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        said = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        problem = f"'{' '.join(command)}' failed: {said[-1]}" if done.returncode else None
    return problem


def main() -> int:
    """0 when there is a browser at the end, 1 with a sentence when not."""
    if find_chromium():
        return 0
    print("No Chromium found; installing it for the browser tests ...", flush=True)
    problem = install_chromium()
    if find_chromium():
        return 0
    print(
        f"The browser tests need Chromium or Chrome ({problem}). Install it, or set CHROMIUM=/path/to/it, and run "
        "`make test` again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())

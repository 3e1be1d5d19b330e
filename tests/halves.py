"""Runs the browser tests beside all other tests: each half waits a lot, and together they take little more than one.

`python -m tests.halves` streams the other tests; what the browser tests print follows when they are done. Ends with 1
when a test of either half failed.
"""

import subprocess
import sys
import tempfile

from tests.conftest import ROOT

PYTEST = [sys.executable, "-m", "pytest"]


def main() -> int:
    """The exit status of `make test`."""
    with tempfile.TemporaryFile("w+") as printed:
        browser = subprocess.Popen(
            [*PYTEST, "tests/e2e", "-p", "no:cacheprovider"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            print("The browser tests run beside these; what they print follows.", flush=True)
            others = subprocess.run([*PYTEST, "--ignore", "tests/e2e"], cwd=ROOT, stdin=subprocess.DEVNULL).returncode
            browser.wait()
        finally:
            if browser.poll() is None:
                browser.terminate()
                browser.wait()
        printed.seek(0)
        print(f"\nThe browser tests:\n{printed.read()}", flush=True)
    return int(bool(others or browser.returncode))


if __name__ == "__main__":
    sys.exit(main())

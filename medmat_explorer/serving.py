"""Starts the app: `app.py` on the address from the settings.

uvicorn is started by itself and not by `streamlit run`, which binds the socket in a way that leaves Nagle's algorithm
on: every picture and every message of a page then waits up to 40 ms for the browser's acknowledgement.
"""

import os
import socket
import subprocess
import sys
from typing import NoReturn

from medmat_explorer.config import ROOT, settings, variable_name
from medmat_explorer.errors import SettingsError

QUIET = ("--log-level", "warning", "--no-access-log")
MOST_MESSAGE_BYTES = 200 << 20
"""What Streamlit itself takes from a browser in one message."""


def refuse_taken_port(host: str, port: int) -> None:
    """Raises SettingsError when something already listens there, or when there is no such port."""
    if not 1 <= port <= 65535:
        raise SettingsError(f"There is no port {port}: give {variable_name('port')} a number from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            name = variable_name("port")
            raise SettingsError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Stop what listens there, or choose another: "
                f"{name}={port + 1} make run."
            ) from None


def serve(host: str | None = None, port: int | None = None) -> NoReturn:
    """Becomes the server, which runs until it is stopped. Raises SettingsError when the port is taken."""
    host, port = host or settings().host, port or settings().port
    refuse_taken_port(host, port)
    print(f"MedMAT Explorer: http://{host}:{port} (collections in {settings().home}; stop with Ctrl+C)", flush=True)
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", host, "--port", str(port), *QUIET]
    command += ["--ws", "websockets-sansio", "--ws-max-size", str(MOST_MESSAGE_BYTES)]
    os.environ |= {
        variable_name("home"): str(settings().home),
        "STREAMLIT_SERVER_ADDRESS": host,
        "STREAMLIT_SERVER_PORT": str(port),
    }
    os.chdir(ROOT)
    if os.name == "posix":
        os.execv(command[0], command)  # one process: who stops this one stops the server
    sys.exit(subprocess.run(command, check=False).returncode)

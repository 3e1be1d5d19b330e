"""The program that fetches one model of the hub into its cache, so that a page can follow the fetching and stop it.

`python -m medmat_explorer.backbones.fetching OWNER/NAME[@REVISION]`: exit status 0 when it lies in the cache, else 1
with one sentence on the output. It ends when its input closes; what was fetched by then is taken up by the next try.
"""

import os
import sys
import threading

from medmat_explorer.backbones.hub_cache import hub_folder
from medmat_explorer.errors import BackboneError


def main() -> int:
    """Fetches what the one argument names."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        hub_folder(sys.argv[1], allow_downloads=True)
    except BackboneError as error:
        print(str(error), flush=True)
        return 1
    return 0


def _end_with_input() -> None:
    """Reads past Python's own buffer, whose lock would be in the way when the program ends by itself."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())

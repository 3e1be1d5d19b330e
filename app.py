"""The ASGI app: Streamlit's pages, our own routes beside them, and headers on every answer.

Started by `python -m medmat_explorer serve`, which hands it to uvicorn.
"""

from medmat_explorer.ui import garbage

garbage.wait_for_first_page()  # before the imports below, which are what takes long

import streamlit as st  # noqa: E402

from medmat_explorer.ui.server import MIDDLEWARE, ROUTES, show_script_error  # noqa: E402

app = st.App(
    "medmat_explorer/ui/router.py",
    routes=ROUTES,
    middleware=MIDDLEWARE,
    on_script_error=show_script_error,
)

"""The ASGI app: Streamlit's pages, our own routes beside them, and headers on every answer.

Started by `python -m medmat_explorer serve`, which hands it to uvicorn.
"""

import streamlit as st

from medmat_explorer.ui.server import MIDDLEWARE, ROUTES, show_script_error

app = st.App(
    "medmat_explorer/ui/router.py",
    routes=ROUTES,
    middleware=MIDDLEWARE,
    on_script_error=show_script_error,
)

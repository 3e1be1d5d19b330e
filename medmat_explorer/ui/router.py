"""The script that Streamlit runs: draws the frame and the page that the address names.

It lies away from `pages/` on purpose: beside it, Streamlit's automatic pages mode would answer the first deep link.
"""

import streamlit as st

from medmat_explorer.config import ASSETS
from medmat_explorer.errors import MedmatError
from medmat_explorer.ui import frame, garbage, resources

st.set_page_config(
    page_title="MedMAT Explorer", page_icon=str(ASSETS / "logo.svg"), layout="wide", initial_sidebar_state="auto"
)
page = st.navigation([frame.page_named(name) for name in frame.PAGES], position="hidden")
name = page.url_path or "overview"
with frame.sidebar_beside(name):
    try:
        page.run()
        frame.remember_view(name)
    except MedmatError as error:
        frame.show_error(error)
frame.draw_foot()
resources.warm_up()
garbage.spare_modules()

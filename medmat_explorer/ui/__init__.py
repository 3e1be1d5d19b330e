"""The only place in the package that imports streamlit."""

"""Data in, figure out. No streamlit."""

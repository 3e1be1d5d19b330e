"""The core: frozen data and pure functions, standard library only."""

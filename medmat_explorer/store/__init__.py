"""Collections on disk: DuckDB and nothing but DuckDB."""

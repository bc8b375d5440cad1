"""Results in Jupyter: tables, charts and the magic."""

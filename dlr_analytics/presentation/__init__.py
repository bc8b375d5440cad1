"""Formats, palette and table writers for the command line, notebooks and reports."""

"""What the command line, notebooks and reports share: formats, palette, tables, sanitizing."""

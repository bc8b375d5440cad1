"""Numbers in, pages, tables and charts out."""

"""Charts and cells of the report, written as SVG: coloured by its style sheet, without script."""

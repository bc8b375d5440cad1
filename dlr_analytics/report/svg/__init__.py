"""Charts and table cells of the report as SVG, coloured by its style sheet."""

"""Import of CSV: the table, and the formats of receipts and of send times."""

"""Import of receipts and send times from files of other systems."""

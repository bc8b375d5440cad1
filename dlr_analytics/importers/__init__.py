"""Receipts and send times from files of other systems."""

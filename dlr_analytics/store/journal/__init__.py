"""The journal: receipts that are stored but not yet sealed into Parquet."""

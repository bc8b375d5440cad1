"""The sealed receipts: Parquet files in a folder for each day of arrival."""

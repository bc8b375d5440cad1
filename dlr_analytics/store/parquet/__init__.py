"""Parquet files of ours: how they are written, and the checksum that finds damage in them."""

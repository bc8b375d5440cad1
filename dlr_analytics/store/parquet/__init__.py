"""Parquet files of ours: how they are written, and their checksum."""

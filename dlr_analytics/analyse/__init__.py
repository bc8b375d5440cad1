"""Parquet in, numbers out."""

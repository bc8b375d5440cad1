"""The data directory: journals, sealed Parquet, quarantine and send records."""

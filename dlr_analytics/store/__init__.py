"""The data directory: journal, sealed Parquet, quarantine, send times. No HTTP, no analysis."""

"""Retention and erasure: whole messages are removed from a data directory."""

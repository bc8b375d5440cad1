"""Shipping sealed files to a bucket, if so configured."""

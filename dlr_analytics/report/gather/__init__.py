"""Compute the figures of a report: which metrics each section reads, and by what."""

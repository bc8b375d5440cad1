"""Checks of users' SQL: it may read, and nothing else."""

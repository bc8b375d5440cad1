"""Questions over several metrics."""

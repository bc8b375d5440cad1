"""Questions over several metrics, or over what is learned from the data."""

"""The charts of the studies, one module each."""

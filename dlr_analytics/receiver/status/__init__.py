"""The status page of a running receiver."""

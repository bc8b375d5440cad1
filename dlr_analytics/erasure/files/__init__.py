"""Each kind of file, without what is removed."""

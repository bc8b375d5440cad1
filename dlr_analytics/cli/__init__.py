"""The command line: one file per command group, which imports the rooms late."""

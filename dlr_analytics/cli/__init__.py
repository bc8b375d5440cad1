"""The command line: one file a room, each imported when its command runs."""

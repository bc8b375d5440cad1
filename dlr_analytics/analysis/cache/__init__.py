"""What is cached under ``messages/``, and how it is refreshed."""

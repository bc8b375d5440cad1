"""The words on changes and findings."""

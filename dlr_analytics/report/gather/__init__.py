"""From a database to the sections of a report: which metric is asked what, one file a section."""

"""The sections of a report, as tables that every format writes."""

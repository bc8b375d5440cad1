"""The sections of a report: what each one states, as tables that every format writes."""

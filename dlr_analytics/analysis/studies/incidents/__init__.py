"""Incidents: where and when fewer messages than usual were delivered."""

"""Findings of a period: incidents of delivery, and new prices."""

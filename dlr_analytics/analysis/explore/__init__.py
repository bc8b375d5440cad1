"""Exploring: messages folded once, then filtered in memory at each step."""

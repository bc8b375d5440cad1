"""Webhook requests to verdicts: pure functions, without socket, disk or clock."""

"""Receipts from logs of requests: of servers, load balancers and applications."""

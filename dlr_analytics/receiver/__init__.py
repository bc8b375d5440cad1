"""The HTTP receiver: webhook requests in, durable journal lines out."""

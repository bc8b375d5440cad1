"""The HTTP receiver, the only room with Tornado: requests in, durable journal lines out."""

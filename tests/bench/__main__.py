"""``make bench``: all tables, one after the other."""

from __future__ import annotations

from tests.bench import receiver

print("Receiver, 64 connections, against an empty RequestHandler on the same core\n")
receiver.main()

"""``make bench``: the main tables of docs/benchmarks.md, one after the other."""

from __future__ import annotations

from tests.bench import analysis, bucket, explorer, many_files, memory, receiver, startup

print("Receiver, 64 connections, against an empty RequestHandler on the same core\n")
receiver.main()
print("\nMemory of one receiver\n")
memory.main()
print("\nStarting\n")
startup.main()
print("\nQuestions, over a million messages")
analysis.main([])
print("\nExplorer, over a million messages")
explorer.main([])
print("\nBefore the first compact\n")
many_files.measure()
print("\nQuestions to a bucket, over a million messages\n")
bucket.main([])

"""Analysis: from stored receipts to messages, metrics and studies."""

"""From receipts and send records to messages."""

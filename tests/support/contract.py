"""What the contract promises, in its own order."""

from __future__ import annotations

from typing import Final

MESSAGE_COLUMNS: Final = (
    *("message_id", "api_key", "msisdn", "sender", "network_code", "country", "network"),
    *("client_ref", "status", "final", "outcome", "expected", "err_code", "price", "currency"),
    *("receipts", "duplicates", "first_seen_at", "last_seen_at", "final_at", "sent_at"),
    *("sent_at_source", "message_time", "scts", "scts_offset_min", "scts_utc", "latency_s"),
    *("push_latency_s", "sms_id", "part", "parts", "problems", "channel"),
)
"""The columns of ``messages``."""

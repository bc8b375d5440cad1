-- The day of each message's first receipt, by which its votes are cached. Reads receipts_collapsed.
select
    message_key, -- the ID in lower case, without surrounding space
    cast(first_arrival_at as date) as first_seen -- the UTC day of its first receipt
from receipts_collapsed

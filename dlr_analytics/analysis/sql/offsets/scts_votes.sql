-- Votes on the offset of scts, summed over days. Reads scts_votes_by_day.
-- Votes of messages that changed since they were cached are withdrawn by negative counts.
select
    network_code, -- the carrier
    status, -- of the receipts
    pushed_hour, -- hours since 1970 of message_timestamp
    reading, -- minutes that scts appears to be ahead of UTC
    scts_quarter, -- quarters of an hour since 1970 of scts, as written
    on_beat, -- whether the push came within 3 minutes, if reading is right
    cast(sum(votes) as bigint) as votes -- number of receipts
from scts_votes_by_day
group by network_code, status, pushed_hour, reading, scts_quarter, on_beat
having sum(votes) <> 0

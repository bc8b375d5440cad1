-- Votes of receipts on the offset of scts: how many receipts have which reading, by hour and day.
-- Reads receipts_normalized and message_days (the day of each message's first receipt). Small and
-- independent of the moment of the query, so it is cached beside the messages.
with distinct_receipts as (
    -- equal receipts vote once, by the earliest of them
    select
        max(message_days.first_seen) as first_seen,
        status,
        max(network_code) as network_code,
        min(pushed_hour) as pushed_hour,
        max(reading) as reading,
        max(scts_quarter) as scts_quarter,
        arg_min(on_beat, pushed_at) as on_beat
    from receipts_normalized
    inner join message_days on message_days.message_key = receipts_normalized.message_key
    where reading is not null and network_code is not null and status is not null
    group by receipts_normalized.message_key, status, err_code, scts_raw
)
select
    first_seen, -- the day of the first receipt of the messages
    network_code, -- the carrier
    status, -- of the receipts
    pushed_hour, -- hours since 1970 of message_timestamp
    reading, -- minutes that scts appears to be ahead of UTC
    scts_quarter, -- quarters of an hour since 1970 of scts, as written
    on_beat, -- whether the push came within 3 minutes, if reading is right
    cast(count(*) as bigint) as votes -- number of receipts
from distinct_receipts
group by first_seen, network_code, status, pushed_hour, reading, scts_quarter, on_beat

-- What receipts say about the offset of scts: how many say what, in which hour.
-- Reads heard and dated (the day of each message's first receipt). Small, and free of the moment of
-- asking, so it can be kept beside the messages.
with spoken as (
    -- equal receipts speak once, by the earliest of them
    select
        max(dated.first_seen) as first_seen,
        status,
        max(network_code) as network_code,
        min(told_hour) as told_hour,
        max(reading) as reading,
        max(scts_quarter) as scts_quarter,
        arg_min(on_beat, told_at) as on_beat
    from heard
    inner join dated on dated.message_key = heard.message_key
    where reading is not null and network_code is not null and status is not null
    group by heard.message_key, status, err_code, scts_raw
)
select
    first_seen, -- the day of the first receipt of the messages
    network_code, -- the carrier
    status, -- of the receipts
    told_hour, -- hours since 1970 of message_timestamp
    reading, -- minutes that scts seems ahead of UTC
    scts_quarter, -- quarters of an hour since 1970 of scts, as written
    on_beat, -- whether the push came within 3 minutes, should reading be right
    cast(count(*) as bigint) as votes -- receipts
from spoken
group by first_seen, network_code, status, told_hour, reading, scts_quarter, on_beat

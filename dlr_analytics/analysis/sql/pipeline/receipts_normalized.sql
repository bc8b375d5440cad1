-- Receipts as they count: spelling normalized, clocks checked. One row a receipt.
-- Reads receipts, statuses, aliases, limits and, for the moment up to which receipts count, asked.
with named as (
    select
        -- trim goes through all characters: only where there is one to take away
        lower(case
            when left(receipts.message_id, 1) <= ' ' or right(receipts.message_id, 1) <= ' '
                then trim(receipts.message_id, e' \t\n\r')
            else receipts.message_id
        end) as message_key,
        coalesce(aliases.status, receipts.status) as word,
        case
            when receipts.message_timestamp >= limits.earliest
                and receipts.message_timestamp <= receipts.received_at + limits.future
                then receipts.message_timestamp
        end as told_at,
        receipts.received_at,
        receipts.message_id,
        receipts.msisdn,
        receipts.sender,
        receipts.network_code,
        receipts.err_code,
        receipts.price,
        receipts.scts,
        receipts.scts_raw,
        receipts.message_timestamp,
        receipts.api_key,
        receipts.client_ref,
        receipts.problems,
        receipts.source,
        receipts.raw
    from receipts
    cross join asked
    cross join limits
    left join aliases on aliases.alias = receipts.status
    where receipts.received_at <= asked.as_of and receipts.message_id is not null
),
apart as (
    -- apart_s: what scts is ahead of message_timestamp; NULL where the two contradict each other
    select
        named.*,
        case
            when named.scts - named.told_at <= limits.contradiction
                and named.told_at - named.scts <= limits.contradiction
                then date_diff('microsecond', named.told_at, named.scts) / 1000000.0
        end as apart_s
    from named
    cross join limits
),
read as (
    -- scts is cut to the minute and the push comes after it, so apart_s is the offset less 0 to
    -- 60 s less the delay: rounded up to the quarter of an hour, with 5 minutes for the clocks
    select apart.*, cast(15 * ceil((apart_s - 300) / 900.0) as integer) as reading
    from apart
)
select
    read.message_key, -- the ID in lower case, without surrounding space: what identifies a message
    read.message_id, -- the ID as written
    read.word as status, -- aliases resolved
    coalesce(statuses.status_class, 'unrecognised') as status_class, -- final, unknown, intermediate, unrecognised
    coalesce(statuses.rank, limits.unrecognised_rank) as status_rank, -- among equally late ones, 1 wins
    read.received_at, -- arrival
    read.told_at, -- message_timestamp, where it can be true
    coalesce(read.told_at, read.received_at) as moment, -- its place in the order of time
    read.message_timestamp, -- as it came
    read.err_code, -- as it came
    read.price, -- as it came
    case
        when read.source <> 'sms' then nullif(upper(regexp_extract(
            read.raw, '"usage"\s*:\s*\{[^{}]*"currency"\s*:\s*"([A-Za-z]{3})"', 1
        )), '')
    end as currency, -- what the price is in: the Messages API says so
    read.msisdn, -- as it came
    read.sender, -- as it came
    read.network_code, -- as it came
    read.client_ref, -- as it came
    read.api_key, -- as it came
    read.scts, -- as written
    read.scts_raw, -- as written
    read.reading, -- minutes that scts seems ahead of UTC
    case when read.reading is not null then cast(date_diff(
        'hour', timestamp '1970-01-01', date_trunc('hour', read.told_at)
    ) as integer) end as told_hour, -- hours since 1970 of message_timestamp
    case when read.reading is not null then cast(date_diff(
        'minute', timestamp '1970-01-01', date_trunc('minute', read.scts)
    ) // 15 as integer) end as scts_quarter, -- quarters of an hour since 1970 of scts, as written
    read.apart_s between 60 * read.reading - 180 and 60 * read.reading as on_beat, -- whether the push came within 3 minutes, should reading be right
    read.problems -- as named on arrival
from read
cross join limits
left join statuses on statuses.status = read.word

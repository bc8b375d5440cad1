-- Receipts normalized: aliases resolved, implausible times dropped, scts offsets read. One row a receipt.
-- Reads receipts, statuses, aliases, limits and parameters (as_of: later receipts are left out).
with named as (
    select
        -- trim scans every character, so it is called only where there is one to remove
        lower(case
            when left(receipts.message_id, 1) <= ' ' or right(receipts.message_id, 1) <= ' '
                then trim(receipts.message_id, e' \t\n\r')
            else receipts.message_id
        end) as message_key,
        coalesce(aliases.status, receipts.status) as status,
        case
            when receipts.message_timestamp >= limits.earliest
                and receipts.message_timestamp <= receipts.received_at + limits.future
                then receipts.message_timestamp
        end as pushed_at,
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
        receipts.channel,
        receipts.raw
    from receipts
    cross join parameters
    cross join limits
    left join aliases on aliases.alias = receipts.status
    where
        receipts.received_at <= parameters.as_of
        and receipts.message_id is not null
        -- earlier releases, whose files have no channel, stored inbound messages as receipts
        and (
            receipts.status is not null
            or receipts.channel is not null
            or receipts.raw is null
            or regexp_extract(
                receipts.raw,
                '(?i)"(text|keyword|message|message[-_]?type)"\s*:\s*[^n\s]|"direction"\s*:\s*"inbound"',
                0
            ) = ''
        )
),
compared as (
    -- ahead_s: seconds that scts is ahead of message_timestamp; NULL where the two contradict each other
    select
        named.*,
        case
            when named.scts - named.pushed_at <= limits.contradiction
                and named.pushed_at - named.scts <= limits.contradiction
                then date_diff('microsecond', named.pushed_at, named.scts) / 1000000.0
        end as ahead_s
    from named
    cross join limits
),
read as (
    -- scts is truncated to the minute and the push comes after it, so ahead_s is the offset minus 0 to
    -- 60 s minus the delay: rounded up to a quarter of an hour, with 5 minutes of tolerance for clocks
    select compared.*, cast(15 * ceil((ahead_s - 300) / 900.0) as integer) as reading
    from compared
)
select
    read.message_key, -- identifies a message: the ID in lower case, without surrounding space
    read.message_id, -- the ID as written
    read.status, -- aliases resolved
    coalesce(statuses.status_class, 'unrecognised') as status_class, -- final, unknown, intermediate, unrecognised
    coalesce(statuses.rank, limits.unrecognised_rank) as status_rank, -- among receipts of the same moment the lowest wins
    read.received_at, -- arrival
    read.pushed_at, -- message_timestamp, where it is plausible
    coalesce(read.pushed_at, read.received_at) as moment, -- pushed_at, else arrival: the time by which receipts are ordered
    read.message_timestamp, -- as received
    read.err_code, -- as received
    read.price, -- as received
    case
        when read.source <> 'sms' then nullif(upper(regexp_extract(
            read.raw, '"usage"\s*:\s*\{[^{}]*"currency"\s*:\s*"([A-Za-z]{3})"', 1
        )), '')
    end as currency, -- currency of the price, where the Messages API states it
    case
        when read.source <> 'sms' then try_cast(nullif(regexp_extract(
            read.raw, '"sms"\s*:\s*\{[^{}]*"count_total"\s*:\s*"?([0-9]{1,4})"?\s*[,}]', 1
        ), '') as integer)
    end as parts, -- how many parts the SMS has, where the Messages API states it
    read.msisdn, -- as received
    read.sender, -- as received
    read.network_code, -- as received
    read.client_ref, -- as received
    read.api_key, -- as received
    read.scts, -- as written
    read.scts_raw, -- as written
    read.channel, -- as received; NULL in files of earlier releases
    read.reading, -- minutes that scts appears to be ahead of UTC
    case when read.reading is not null then cast(date_diff(
        'hour', timestamp '1970-01-01', date_trunc('hour', read.pushed_at)
    ) as integer) end as pushed_hour, -- hours since 1970 of message_timestamp
    case when read.reading is not null then cast(date_diff(
        'minute', timestamp '1970-01-01', date_trunc('minute', read.scts)
    ) // 15 as integer) end as scts_quarter, -- quarters of an hour since 1970 of scts, as written
    read.ahead_s between 60 * read.reading - 180 and 60 * read.reading as on_beat, -- whether the push came within 3 minutes, if reading is right
    read.problems -- named on arrival
from read
cross join limits
left join statuses on statuses.status = read.status

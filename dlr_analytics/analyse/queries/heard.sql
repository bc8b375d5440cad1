-- Receipts as they count: spelling mended, clocks judged. One row a receipt.
-- Reads receipts, statuses, aliases, limits and, for the moment up to which receipts count, asked.
with named as (
    select
        lower(trim(receipts.message_id, e' \t\n\r')) as message_key,
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
    where receipts.received_at <= asked.as_of
)
select
    named.message_key, -- the ID in lower case, without surrounding space: what identifies a message
    named.message_id, -- the ID as written
    named.word as status, -- aliases resolved
    coalesce(statuses.status_class, 'unrecognised') as status_class, -- final, unknown, intermediate, unrecognised
    coalesce(statuses.rank, limits.unrecognised_rank) as status_rank, -- among equally late ones, 1 wins
    named.received_at, -- arrival
    named.told_at, -- message_timestamp, where it can be true
    coalesce(named.told_at, named.received_at) as moment, -- its place in the order of time
    named.message_timestamp, -- as it came
    named.err_code, -- as it came
    named.price, -- as it came
    case
        when named.source <> 'sms' then nullif(upper(regexp_extract(
            named.raw, '"usage"\s*:\s*\{[^{}]*"currency"\s*:\s*"([A-Za-z]{3})"', 1
        )), '')
    end as currency, -- what the price is in: the Messages API says so
    named.msisdn, -- as it came
    named.sender, -- as it came
    named.network_code, -- as it came
    named.client_ref, -- as it came
    named.api_key, -- as it came
    named.scts, -- as written
    named.scts_raw, -- as written
    named.problems, -- as named on arrival
    named.source -- as it came
from named
cross join limits
left join statuses on statuses.status = named.word

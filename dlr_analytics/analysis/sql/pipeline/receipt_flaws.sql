-- Flaws of each receipt, gathered by message. Reads receipts_normalized, messages_joined and limits.
-- A flaw of a repeated receipt counts for the message only where the first of the equal receipts has it
-- too, since that one represents them all.
with suspects as (
    -- messages whose receipts may have a flaw: the receipts of all others need not be read
    select
        message_key,
        message_time,
        case when sent_at_source <> 'accepted' then sent_at end as sent_at
    from messages_joined
    cross join limits
    where problems <> []
        or time_implausible
        or duplicates > 0
        or disordered
        or sent_at_source <> 'accepted'
            and date_trunc('second', first_at) < date_trunc('second', sent_at)
        or last_seen_at > message_time + limits.mature
),
compared as (
    -- each receipt with its message and the receipts that arrived before it
    select
        receipts.*,
        suspects.message_time,
        suspects.sent_at,
        row_number() over (
            partition by receipts.message_key, receipts.status, receipts.err_code, receipts.scts_raw
            order by receipts.moment, receipts.received_at
        ) as copy,
        max(receipts.moment) over (
            partition by receipts.message_key
            order by receipts.received_at, receipts.moment
            rows between unbounded preceding and 1 preceding
        ) as latest_before
    from receipts_normalized as receipts
    inner join suspects on suspects.message_key = receipts.message_key
),
named as (
    select
        compared.message_key,
        list_distinct(list_concat(
            coalesce(compared.problems, cast([] as varchar[])),
            case
                when compared.message_timestamp is not null and compared.pushed_at is null
                    then ['message_timestamp_implausible']
                else []
            end,
            case when compared.copy > 1 then ['receipt_repeated'] else [] end,
            case
                when compared.copy = 1 and compared.moment < compared.latest_before
                    then ['receipt_out_of_order']
                else []
            end,
            case
                when date_trunc('second', compared.moment) < date_trunc('second', compared.sent_at)
                    then ['receipt_before_send']
                else []
            end,
            case
                when compared.received_at > compared.message_time + limits.mature
                    then ['receipt_late']
                else []
            end
        )) as flaws
    from compared
    cross join limits
)
select
    message_key, -- key of the message
    list_sort(flatten(list(flaws))) as names -- sorted names, one for each receipt that has the flaw
from named
where flaws <> []
group by message_key

-- What is wrong with each message or missing: one row a message and flaw.
-- Reads messages, heard, sends and limits. Flaws of receipts that repeat another are its message's
-- only where the first of them has them too, since that one speaks for all.
with told as (
    select
        lower(trim(messages.message_id, e' \t\n\r')) as message_key,
        messages.*
    from messages
),
compared as (
    -- each receipt beside its message and those that came before it
    select
        heard.*,
        told.message_time,
        case when told.sent_at_source <> 'accepted' then told.sent_at end as sent_at,
        row_number() over (
            partition by heard.message_key, heard.status, heard.err_code, heard.scts_raw
            order by heard.moment, heard.received_at
        ) as copy,
        max(heard.moment) over (
            partition by heard.message_key
            order by heard.received_at, heard.moment
            rows between unbounded preceding and 1 preceding
        ) as latest_before
    from heard
    inner join told on told.message_key = heard.message_key
),
shown as (
    select
        compared.message_key,
        unnest(list_distinct(list_concat(
            coalesce(compared.problems, cast([] as varchar[])),
            case
                when compared.message_timestamp is not null and compared.told_at is null
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
        ))) as problem
    from compared
    cross join limits
),
counted as (
    select message_key, problem, count(*) as receipts
    from shown
    group by message_key, problem
),
logged as (
    select distinct lower(trim(sends.message_id, e' \t\n\r')) as message_key
    from sends
    where sends.message_id is not null
),
named as (
    select
        told.message_key,
        unnest(list_concat(
            coalesce(told.problems, cast([] as varchar[])),
            case when told.receipts = 0 then ['receipt_missing'] else [] end,
            case
                when told.receipts > 0 and logged.message_key is null then ['send_missing']
                else []
            end,
            case when told.sent_at is null then ['send_time_missing'] else [] end,
            case when told.sent_at_source = 'accepted' then ['send_time_stand_in'] else [] end,
            case
                when told.status = 'delivered' and told.scts is not null
                    and told.scts_offset_min is null
                    and not list_contains(told.problems, 'times_contradict')
                    then ['offset_unknown']
                else []
            end,
            case when told.price is null then ['price_unknown'] else [] end,
            case when told.network_code is null then ['network_code_missing'] else [] end
        )) as problem
    from told
    left join logged on logged.message_key = told.message_key
    union
    select message_key, problem
    from counted
    where problem in (
        'receipt_repeated', 'receipt_out_of_order', 'receipt_before_send', 'receipt_late'
    )
)
select
    told.message_id, -- the message, as in messages
    lower(trim(coalesce(told.sms_id, told.message_id), e' \t\n\r')) as sms_id, -- its SMS, as in sms
    named.problem, -- by name
    counted.receipts as in_receipts -- how many receipts show it; NULL where none does by itself
from named
inner join told on told.message_key = named.message_key
left join counted on counted.message_key = named.message_key and counted.problem = named.problem

-- What each receipt shows that is wrong with it, gathered by message. Reads heard, told and limits.
-- Flaws of receipts that repeat another are their message's only where the first of them has them too,
-- since that one speaks for all.
with suspects as (
    -- messages with receipts that show a flaw: those of all others need not be gone through
    select
        message_key,
        message_time,
        case when sent_at_source <> 'accepted' then sent_at end as sent_at
    from told
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
    -- each receipt beside its message and those that came before it
    select
        heard.*,
        suspects.message_time,
        suspects.sent_at,
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
    inner join suspects on suspects.message_key = heard.message_key
),
named as (
    select
        compared.message_key,
        list_distinct(list_concat(
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
        )) as flaws
    from compared
    cross join limits
)
select
    message_key, -- the message, by its key
    list_sort(flatten(list(flaws))) as shown -- by name, each once for every receipt that shows it
from named
where flaws <> []
group by message_key

-- What the send log has of the last hours, by network: whether sending stopped, or the receipts.
with clock as (
    select as_of from pipeline.parameters
), selected as (
    select *
    from messages
    where true /* filters */
), sent as (
    select
        network_code,
        message_time,
        receipts = 0 as is_unanswered,
        coalesce(sent_at_source in ('sends', 'reports'), false) as is_logged
    from selected
    cross join clock
    where message_time <= as_of and message_time > as_of - interval '29 days'
), windows as (
    select
        sent.*,
        minutes,
        message_time > as_of - minutes * interval '1 minute' as is_newest
    from sent
    cross join clock
    cross join (select unnest([60, 120, 360, 1440]) as minutes) as lengths
)
select
    network_code, -- the network; NULL: unknown, as where the send log names none and no receipt came
    minutes, -- length of the window
    count(*) filter (where is_logged) as in_log, -- messages of 28 days that the send log has
    count(*) filter (where is_logged and is_newest) as logged, -- of these, sent in the window
    count(*) filter (where is_logged and is_newest and is_unanswered) as unanswered, -- of these, without a receipt
    count(*) filter (where is_newest and not is_logged) as unlogged, -- messages in the window that the send log does not have
    max(message_time) filter (where is_logged) as newest_at -- the newest message that the send log has
from windows
group by network_code, minutes
order by network_code nulls first, minutes

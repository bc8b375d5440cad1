-- What becomes of the pending: the share delivered in the end among the mature messages of the same
-- network that were still pending at the same age. One row a pending message.
-- Reads measured, asked and limits.
with aged as (
    -- open_us: how long it has been pending, or was in the end; NULL for ever
    select
        message_key,
        message_id,
        network_code,
        message_time < asked.mature_before as mature,
        case
            when message_time < asked.mature_before
                then date_diff('microsecond', message_time, final_at)
            else date_diff('microsecond', message_time, asked.as_of)
        end as open_us,
        case when message_time < asked.mature_before then 1 else 0 end as one,
        case when message_time < asked.mature_before and status = 'delivered' then 1 else 0 end
            as delivered
    from measured
    cross join asked
    where message_time < asked.mature_before or (not final and message_time is not null)
),
own as (
    -- running sums from the longest pending down; among equals the one asked about comes first,
    -- since who was final at exactly that age was not pending any more
    select
        message_key,
        message_id,
        network_code,
        mature,
        sum(one) over longest as still,
        sum(delivered) over longest as still_delivered,
        sum(one) over (partition by network_code) as mature_messages
    from aged
    window longest as (
        partition by network_code
        order by open_us desc nulls first, mature
        rows between unbounded preceding and current row
    )
),
thin as (
    -- pending messages of networks that have too few mature ones
    select own.message_key
    from own
    cross join limits
    where not own.mature and own.mature_messages < limits.min_mature
),
everywhere as (
    select
        message_key,
        message_id,
        mature,
        sum(one) over longest as still,
        sum(delivered) over longest as still_delivered,
        sum(one) over () as mature_messages
    from aged
    where exists (select 1 from thin)
    window longest as (
        order by open_us desc nulls first, mature rows between unbounded preceding and current row
    )
),
told as (
    select own.message_key, own.message_id, own.still, own.still_delivered
    from own
    cross join limits
    where not own.mature and own.mature_messages >= limits.min_mature
    union all
    select everywhere.message_key, everywhere.message_id, everywhere.still, everywhere.still_delivered
    from everywhere
    cross join limits
    inner join thin on thin.message_key = everywhere.message_key
    where everywhere.mature_messages >= limits.min_mature
),
rated as (
    select told.*, case when still > 0 then 1.0 * still_delivered / still else 0.0 end as share
    from told
)
select
    message_key, -- the pending message, by its key
    message_id, -- the pending message, as in messages
    share as expected, -- share of the mature ones still pending at its age that were delivered in the end
    cast(still as bigint) as still, -- how many mature ones were still pending at its age
    case when still > 0 then sqrt(share * (1.0 - share) / still) else 1.0 end as se -- standard error of expected; where none was still pending nothing is known, so 1
from rated

-- What becomes of the pending: the share delivered in the end among the mature messages of the same
-- network that were still pending at the same age. One row a pending message.
-- Reads pending, lasted, measured, asked and limits.
with mature as (
    -- open_us: how long it was pending in the end; NULL for ever
    select
        measured.network_code,
        date_diff('microsecond', measured.message_time, measured.final_at) as open_us,
        case when measured.status = 'delivered' then 1 else 0 end as delivered
    from measured
    cross join asked
    where measured.message_time < asked.mature_before
),
sized as (
    select network_code, sum(messages) as mature_messages
    from lasted
    group by network_code
),
placed as (
    -- where its own network has too few mature messages, all networks speak for it
    select
        pending.*,
        floor(age_us / 1000000.0) as age_s,
        coalesce(sized.mature_messages, 0) < limits.min_mature as thin
    from pending
    cross join limits
    left join sized on sized.network_code is not distinct from pending.network_code
),
asked_at as (
    -- the ages asked about, each once
    select distinct
        thin,
        case when not thin then network_code end as network_code,
        age_us,
        age_s
    from placed
),
curves as (
    -- the curve of each network, and the one of all
    select false as thin, network_code, open_s, messages as n, delivered
    from lasted
    union all
    select true, null, open_s, sum(messages), sum(delivered)
    from lasted
    group by open_s
),
steps as (
    select thin, network_code, open_s as s, n, delivered
    from curves
    union all
    select distinct thin, network_code, age_s, 0, 0
    from asked_at
),
fallen as (
    -- still: those that were pending for whole seconds more
    select
        thin,
        network_code,
        s,
        coalesce(sum(sum(n)) over longer, 0) as still,
        coalesce(sum(sum(delivered)) over longer, 0) as still_delivered,
        sum(sum(n)) over (partition by thin, network_code) as mature_messages
    from steps
    group by thin, network_code, s
    window longer as (
        partition by thin, network_code
        order by s desc nulls first
        rows between unbounded preceding and 1 preceding
    )
),
asked_of as (
    -- speaker: a network whose mature messages speak for it
    select asked_at.*, network_code as speaker
    from asked_at
    where not thin
    union all
    select asked_at.*, sized.network_code
    from asked_at
    cross join sized
    where thin
),
same_second as (
    -- and those that were pending for longer within the same second
    select
        asked_of.thin,
        asked_of.network_code,
        asked_of.age_us,
        count(*) as still,
        sum(mature.delivered) as still_delivered
    from mature
    inner join asked_of
        on asked_of.age_s = floor(mature.open_us / 1000000.0)
        and asked_of.speaker is not distinct from mature.network_code
        and asked_of.age_us < mature.open_us
    group by asked_of.thin, asked_of.network_code, asked_of.age_us
),
told as (
    select
        placed.message_key,
        placed.message_id,
        fallen.mature_messages,
        fallen.still + coalesce(same_second.still, 0) as still,
        fallen.still_delivered + coalesce(same_second.still_delivered, 0) as still_delivered
    from placed
    inner join fallen
        on fallen.thin = placed.thin
        and (fallen.thin or fallen.network_code is not distinct from placed.network_code)
        and fallen.s = placed.age_s
    left join same_second
        on same_second.thin = placed.thin
        and (same_second.thin or same_second.network_code is not distinct from placed.network_code)
        and same_second.age_us = placed.age_us
),
rated as (
    select told.*, case when still > 0 then 1.0 * still_delivered / still else 0.0 end as share
    from told
    cross join limits
    where mature_messages >= limits.min_mature
)
select
    message_key, -- the pending message, by its key
    message_id, -- the pending message, as in messages
    share as expected, -- share of the mature ones still pending at its age that were delivered in the end
    cast(still as bigint) as still, -- how many mature ones were still pending at its age
    case when still > 0 then sqrt(share * (1.0 - share) / still) else 1.0 end as se -- standard error of expected; where none was still pending nothing is known, so 1
from rated

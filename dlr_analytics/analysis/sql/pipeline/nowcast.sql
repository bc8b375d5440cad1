-- Nowcast of pending messages: the share delivered in the end among mature messages of the same channel and
-- network that were still pending at the same age. One row a pending message.
-- Reads pending, pending_durations, mature_durations and limits.
with sized as (
    select channel, network_code, sum(messages) as mature_messages
    from pending_durations
    group by channel, network_code
),
placed as (
    -- thin: its own network has too few mature messages, so all of its channel are used
    select
        pending.*,
        floor(age_us / 1000000.0) as age_s,
        coalesce(sized.mature_messages, 0) < limits.min_mature as thin
    from pending
    cross join limits
    left join sized
        on sized.channel = pending.channel
        and sized.network_code is not distinct from pending.network_code
),
ages as (
    -- the distinct ages of pending messages
    select distinct
        thin,
        channel,
        case when not thin then network_code end as network_code,
        age_us,
        age_s
    from placed
),
thin_channels as (
    select distinct channel
    from ages
    where thin
),
curves as (
    -- the curve of each network, and the one of all of a channel where it is needed
    select false as thin, channel, network_code, pending_s, messages as n, delivered
    from pending_durations
    union all
    select true, pending_durations.channel, null, pending_s, sum(messages), sum(delivered)
    from pending_durations
    inner join thin_channels on thin_channels.channel = pending_durations.channel
    group by pending_durations.channel, pending_s
),
steps as (
    select thin, channel, network_code, pending_s as s, n, delivered
    from curves
    union all
    select distinct thin, channel, network_code, age_s, 0, 0
    from ages
),
remaining as (
    -- still_pending: mature messages that were pending for more whole seconds
    select
        thin,
        channel,
        network_code,
        s,
        coalesce(sum(sum(n)) over longer, 0) as still_pending,
        coalesce(sum(sum(delivered)) over longer, 0) as still_pending_delivered,
        sum(sum(n)) over (partition by thin, channel, network_code) as mature_messages
    from steps
    group by thin, channel, network_code, s
    window longer as (
        partition by thin, channel, network_code
        order by s desc nulls first
        rows between unbounded preceding and 1 preceding
    )
),
ages_by_network as (
    -- source_network: a network whose mature messages are used
    select ages.*, network_code as source_network
    from ages
    where not thin
    union all
    select ages.*, sized.network_code
    from ages
    inner join sized on sized.channel = ages.channel
    where thin
),
same_second as (
    -- mature messages that were pending for longer within the same second
    select
        ages_by_network.thin,
        ages_by_network.channel,
        ages_by_network.network_code,
        ages_by_network.age_us,
        count(*) as still_pending,
        count(*) filter (where mature_durations.delivered) as still_pending_delivered
    from mature_durations
    inner join ages_by_network
        on ages_by_network.age_s = floor(mature_durations.pending_us / 1000000.0)
        and ages_by_network.channel = mature_durations.channel
        and ages_by_network.source_network is not distinct from mature_durations.network_code
        and ages_by_network.age_us < mature_durations.pending_us
    group by
        ages_by_network.thin,
        ages_by_network.channel,
        ages_by_network.network_code,
        ages_by_network.age_us
),
totalled as (
    select
        placed.message_key,
        placed.message_id,
        remaining.mature_messages,
        remaining.still_pending + coalesce(same_second.still_pending, 0) as still_pending,
        remaining.still_pending_delivered + coalesce(same_second.still_pending_delivered, 0)
            as still_pending_delivered
    from placed
    inner join remaining
        on remaining.thin = placed.thin
        and remaining.channel = placed.channel
        and (remaining.thin or remaining.network_code is not distinct from placed.network_code)
        and remaining.s = placed.age_s
    left join same_second
        on same_second.thin = placed.thin
        and same_second.channel = placed.channel
        and (same_second.thin or same_second.network_code is not distinct from placed.network_code)
        and same_second.age_us = placed.age_us
),
rated as (
    select
        totalled.*,
        case when still_pending > 0 then cast(still_pending_delivered as double) / still_pending else 0e0 end
            as share
    from totalled
    cross join limits
    where mature_messages >= limits.min_mature
)
select
    message_key, -- key of the pending message
    message_id, -- ID of the pending message
    share as expected, -- share of the mature messages still pending at its age that were delivered in the end
    cast(still_pending as bigint) as still_pending, -- how many mature messages were still pending at its age
    case when still_pending > 0 then sqrt(share * (1e0 - share) / still_pending) else 1e0 end as se -- standard error of expected; 1 (nothing is known) where none was still pending
from rated

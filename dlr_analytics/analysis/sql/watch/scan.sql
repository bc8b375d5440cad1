-- Networks whose newest messages arrive far less often, or far later, than is their habit.
-- Delivery: the share delivered within 10 minutes of message_time. Latency: of those, the share that was pushed within
-- the network's own p75. Both are final for messages sent 10 minutes ago. The habit is that of 28 days, without the
-- newest 24 hours, by hour of the day, weekends apart; it is learned twice, so that a bad day is no habit.
with clock as (
    select
        as_of - interval '10 minutes' as ends,
        as_of - interval '10 minutes' - interval '1 day' as habit_ends,
        as_of - interval '10 minutes' - interval '29 days' as habit_begins
    from pipeline.parameters
), selected as (
    select *, message_time as moment
    from messages
    where true /* filters */
), sent as (
    select
        network_code,
        country,
        network,
        message_time,
        message_time < habit_ends as is_past,
        date_trunc('hour', /* set local */ moment /* end */) as hour,
        coalesce(
            outcome = 'delivered'
                and coalesce(push_latency_s, epoch(final_at - message_time)) <= 600,
            false
        ) as in_time,
        push_latency_s
    from selected
    cross join clock
    where network_code is not null and message_time >= habit_begins and message_time < ends
), limits as (
    select
        network_code,
        quantile_disc(push_latency_s, 0.75) as limit_s
    from sent
    where in_time and is_past
    group by network_code
), figures as (
    -- what counts for each figure, and whether it is good
    select 'delivery' as figure, sent.*, cast(null as bigint) as limit_s, in_time as good
    from sent
    union all
    select 'latency', sent.*, limit_s, push_latency_s <= limit_s
    from sent
    inner join limits on limits.network_code = sent.network_code
    where in_time and push_latency_s is not null and limit_s is not null
), past as (
    -- slot: the hour of the day, 24 later on weekends
    select
        figure,
        network_code,
        hour,
        hour(hour) + case when isodow(hour) >= 6 then 24 else 0 end as slot,
        cast(hour as date) as day,
        cast(count(*) as double) as n,
        cast(count(*) filter (where good) as double) as x
    from figures
    where is_past
    group by all
), days as (
    select figure, network_code, day, sum(n) as n, sum(x) / sum(n) as share
    from past
    group by all
), levels as (
    -- a week and 400 messages of history, else no judgement
    select figure, network_code, median(share) as level
    from days
    group by all
    having count(*) >= 7 and sum(n) >= 400
), usable as (
    -- without the hours that are far below the network's median day
    select past.*
    from past
    inner join levels on levels.figure = past.figure and levels.network_code = past.network_code
    where n * level - x < 0.12 * n or n * level - x < 4 * sqrt(n * level * (1 - level))
), means as (
    select figure, network_code, sum(x) / sum(n) as mean
    from usable
    group by all
), habits as (
    -- each slot is shrunk to the mean by 400 messages
    select
        usable.figure,
        usable.network_code,
        slot,
        (sum(x) + 400 * max(mean)) / (sum(n) + 400) as habit
    from usable
    inner join means
        on means.figure = usable.figure and means.network_code = usable.network_code
    group by all
), spreads as (
    -- what hours vary beyond chance, as a variance
    select
        usable.figure,
        usable.network_code,
        greatest(
            sum((x - n * habit) * (x - n * habit) - n * habit * (1 - habit)) / sum(n * n), 0.00001
        ) as spread
    from usable
    inner join habits
        on habits.figure = usable.figure
        and habits.network_code = usable.network_code
        and habits.slot = usable.slot
    group by all
), windows as (
    select
        figure,
        network_code,
        minutes,
        hour(hour) + case when isodow(hour) >= 6 then 24 else 0 end as slot,
        max(country) as country,
        max(network) as network,
        max(limit_s) as limit_s,
        count(*) as n,
        count(*) filter (where good) as x
    from figures
    cross join clock
    inner join (select unnest([15, 30, 60, 120]) as minutes) as lengths
        on message_time >= ends - minutes * interval '1 minute'
    group by all
), expected as (
    select
        windows.figure,
        windows.network_code,
        minutes,
        max(country) as country,
        max(network) as network,
        max(limit_s) as limit_s,
        sum(n) as n,
        sum(x) as x,
        sum(n * coalesce(habit, mean)) as e,
        sum(n * coalesce(habit, mean) * (1 - coalesce(habit, mean))) as variance
    from windows
    inner join means
        on means.figure = windows.figure and means.network_code = windows.network_code
    left join habits
        on habits.figure = windows.figure
        and habits.network_code = windows.network_code
        and habits.slot = windows.slot
    group by all
), judged as (
    -- a network that never fails has no variance of its own, and one message would be an alarm
    select
        expected.*,
        (e - x) / sqrt(
            greatest(variance, n * 0.01 * 0.99) + cast(n as double) * n * spread
        ) as deviation
    from expected
    inner join spreads
        on spreads.figure = expected.figure and spreads.network_code = expected.network_code
    where n >= 10
), alarming as (
    select *, row_number() over (partition by figure, network_code order by deviation desc) as rank
    from judged
    where deviation >= 6 and (e - x) / n >= 0.12
)
select
    figure as kind, -- delivery or latency
    network_code, -- the network
    country, -- its country
    network, -- the operator's name
    ends - minutes * interval '1 minute' as began_at, -- when the window begins
    ends as ended_at, -- when it ends: 10 minutes ago
    minutes, -- its length: the one of 15, 30, 60 and 120 that deviates most
    cast(n as bigint) as messages, -- messages in the window; latency: of these, delivered within 10 minutes
    cast(x as double) / n as value, -- the share that is good
    e / n as usual, -- the share that is the habit at this time
    limit_s -- latency: the seconds within which three quarters are usually pushed
from alarming
cross join clock
where rank = 1
order by kind, network_code

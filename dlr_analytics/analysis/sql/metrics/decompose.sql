-- What moved a figure between two periods: mix and rate effects by group, exact in sum.
with periods as (
    -- 0 is the one in question, 1 the one before; as it stands the last two times 7 whole days
    /* set periods */
    select
        weeks.period,
        date_trunc('day', parameters.as_of) - (weeks.period + 1) * interval '7 days' as begins,
        date_trunc('day', parameters.as_of) - weeks.period * interval '7 days' as ends
    from pipeline.parameters as parameters
    cross join (values (0), (1)) as weeks (period)
    /* end */
), selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), weighed as (
    -- a message counts as its weight; a value that is unknown makes the figure of its period unknown
    select
        /* by, */
        message_time as sent,
        /* set figure */
        expected as value,
        1 as weight,
        coalesce(expected_se, 0) as value_se,
        cast(null as varchar) as priced_in
        /* end */
    from selected
), counted as (
    select
        /* by, */
        coalesce(sum(weighed.weight) filter (where periods.period = 1), 0) as n0,
        coalesce(sum(weighed.weight) filter (where periods.period = 0), 0) as n1,
        coalesce(sum(weighed.value) filter (where periods.period = 1), 0) as x0,
        coalesce(sum(weighed.value) filter (where periods.period = 0), 0) as x1,
        min(weighed.value / nullif(weighed.weight, 0)) filter (where periods.period = 1) as least0,
        max(weighed.value / nullif(weighed.weight, 0)) filter (where periods.period = 1) as most0,
        min(weighed.value / nullif(weighed.weight, 0)) filter (where periods.period = 0) as least1,
        max(weighed.value / nullif(weighed.weight, 0)) filter (where periods.period = 0) as most1,
        count(*) filter (where weighed.weight > 0 and weighed.value is null) as missing,
        min(weighed.priced_in) as first_currency,
        max(weighed.priced_in) as last_currency
    from weighed
    join periods on weighed.sent >= periods.begins and weighed.sent < periods.ends
    group by all
), shared as (
    -- sums of equal prices, divided again, differ in the 16th place, which is no difference; and prices
    -- are exact until they are summed, so that the order of groups does not matter
    select
        *,
        cast(n0 as double) / nullif(sum(n0) over (), 0) as w0,
        cast(n1 as double) / nullif(sum(n1) over (), 0) as w1,
        case when least0 = most0 then least0 else cast(x0 as double) / nullif(n0, 0) end as p0,
        case when least1 = most1 then least1 else cast(x1 as double) / nullif(n1, 0) end as p1,
        5e-1 * (
            cast(sum(x0) over () as double) / nullif(sum(n0) over (), 0)
            + cast(sum(x1) over () as double) / nullif(sum(n1) over (), 0)
        ) as middle
    from counted
    where n0 + n1 > 0
), filled as (
    -- a group that one period lacks has there the rate of the other: all its effect is mix
    select
        *,
        coalesce(p0, p1) as q0,
        coalesce(p1, p0) as q1
    from shared
), parted as (
    -- Kitagawa (1955); centred on the mean of both periods, so that the sign of a row means something
    select
        *,
        (w1 - w0) * (5e-1 * (q0 + q1) - middle) as mix,
        5e-1 * (w0 + w1) * (q1 - q0) as own_rate
    from filled
)
select
    /* by, */
    cast(n0 as bigint) as messages_before, -- sent in the period before; of cost_per_message, those with a price
    cast(n1 as bigint) as messages, -- sent in the period, likewise
    w0 as share_before, -- of all messages of the period before
    w1 as share, -- of all messages of the period
    p0 as value_before, -- the figure of the period before; NULL where the group had no messages
    p1 as value, -- the figure of the period, likewise
    mix as mix_effect, -- what moved because the group's share changed
    own_rate as rate_effect, -- what moved because the group's own figure changed
    mix + own_rate as effect, -- both; the effects of all groups add up to the difference of the figures
    missing as unknown, -- messages whose value is not known, nor estimated
    first_currency, -- of the prices, the first by name
    last_currency -- of the prices, the last by name
from parted
order by abs(effect) desc nulls last, /* in order, */ messages nulls last

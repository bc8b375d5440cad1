-- Whether a figure changed: one period against earlier ones of equal length.
with periods as (
    -- 0 is the one in question; as it stands the 7 days before the day of as of, and the 12 before those
    /* set periods */
    select
        weeks.period,
        date_trunc('day', parameters.as_of) - (weeks.period + 1) * interval '7 days' as begins,
        date_trunc('day', parameters.as_of) - weeks.period * interval '7 days' as ends
    from pipeline.parameters as parameters
    cross join (
        values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)
    ) as weeks (period)
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
        periods.period,
        sum(weighed.weight) as n,
        sum(weighed.value) as x,
        min(weighed.value / nullif(weighed.weight, 0)) as least_value,
        max(weighed.value / nullif(weighed.weight, 0)) as most_value,
        count(*) filter (where weighed.weight > 0 and weighed.value is null) as unknown,
        sum(weighed.value_se) as sum_se,
        min(weighed.priced_in) as first_currency,
        max(weighed.priced_in) as last_currency
    from weighed
    join periods on weighed.sent >= periods.begins and weighed.sent < periods.ends
    group by all
), rates as (
    -- sums of equal prices, divided again, differ in the 16th place, which is no difference
    select
        *,
        case
            when unknown > 0 then null
            when least_value = most_value then least_value
            else cast(x as double) / nullif(n, 0)
        end as rate,
        sum_se / nullif(n, 0) as rate_se
    from counted
    where n > 0
), moments as (
    select
        /* by, */
        coalesce(max(n) filter (where period = 0), 0) as n_now,
        max(rate) filter (where period = 0) as rate_now,
        max(rate_se) filter (where period = 0) as se_now, -- what the nowcast does not know of the pending
        count(rate) filter (where period > 0) as k,
        avg(rate) filter (where period > 0) as mean_rate, -- each period counts alike, as the spread does
        min(rate) filter (where period > 0) as lowest,
        max(rate) filter (where period > 0) as highest,
        stddev_samp(rate) filter (where period > 0) as spread,
        sum(n) filter (where period > 0 and rate is not null) as n_earlier,
        cast(sum(x) filter (where period > 0 and rate is not null) as double) as x_earlier,
        min(first_currency) as first_currency,
        max(last_currency) as last_currency,
        count(*) as present
    from rates
    group by all
), floored as (
    -- a few rates can lie together by luck, and are equal where nothing ever fails: their spread counts
    -- as no less than sampling error, of prices no less than a thousandth of the price
    select
        *,
        case when lowest = highest then lowest else mean_rate end as usual_rate, -- exact where all are equal
        spread * spread * (1 + 1e0 / nullif(k, 0)) as of_periods,
        /* set floor */
        (x_earlier + 1) / (n_earlier + 2) * (1 - (x_earlier + 1) / (n_earlier + 2))
            * (1e0 / nullif(n_now, 0) + 1e0 / nullif(n_earlier, 0))
        /* end */ as least
    from moments
    where present > 0
)
select
    /* by, */
    cast(n_now as bigint) as messages, -- sent in the period; of cost_per_message, those with a price
    rate_now as value, -- the figure in the period; NULL where it is unknown
    usual_rate as usual, -- mean of the figures of the earlier periods, each counting alike
    rate_now - usual_rate as difference, -- value less usual
    k as periods, -- earlier periods in which the group has messages
    sqrt(greatest(of_periods, least) + se_now * se_now) as se, -- standard error of the difference
    first_currency, -- of the prices, the first by name
    last_currency -- of the prices, the last by name
from floored
order by /* in order, */ messages nulls last

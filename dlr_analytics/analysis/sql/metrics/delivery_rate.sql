-- Of the messages sent, how many were delivered, and how many will have been.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), counted as (
    /* set counted */
    select
        /* besides, */
        count(*) as messages,
        count(*) filter (where outcome <> 'pending') as settled,
        count(*) filter (where outcome = 'delivered') as delivered,
        count(*) filter (where outcome = 'failed') as failed,
        count(*) filter (where outcome = 'expired') as expired,
        count(*) filter (where outcome = 'rejected') as rejected,
        count(*) filter (where outcome = 'unknown') as unknown,
        count(*) filter (where outcome = 'silent') as silent,
        count(*) filter (where outcome = 'pending') as pending,
        count(*) filter (where final) as with_final,
        count(expected) as with_expected,
        coalesce(sum(expected) filter (where outcome = 'pending'), 0) as to_come,
        coalesce(sum(expected_se), 0) as to_come_se
    from selected
    group by all
    /* end */
), rated as (
    select
        *,
        case when with_expected = messages then (delivered + to_come) / nullif(messages, 0) end as p,
        to_come_se / nullif(messages, 0) as se
    from counted
), sized as (
    -- the effective sample size: an estimated outcome counts for less than an observed one
    select
        *,
        case when p > 0 and p < 1 then messages / (1 + se * se / (p * (1 - p) / nullif(messages, 0)))
            else cast(nullif(messages, 0) as double) end as n,
        3.8414588206941236e0 as z2 -- 1.959963984540054 squared: 95 %
    from rated
), bounded as (
    -- Wilson's interval, its middle and half its width
    select
        *,
        (p + z2 / (2 * n)) / (1 + z2 / n) as middle,
        sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n) as half
    from sized
)
select
    /* by, */
    messages, -- message parts sent, each counted once however many receipts came
    settled, -- of them final, or sent more than 72 h before as of
    delivered, -- settled as delivered
    failed, -- settled as failed
    expired, -- settled as expired
    rejected, -- settled as rejected
    unknown, -- settled with a status that the network did not document
    silent, -- settled without any final receipt
    pending, -- not settled: may still be delivered
    p as delivery_rate, -- mean of expected; delivered / messages where nothing is pending
    case when p >= 0 then least(greatest(middle - half, 0), p) end as ci_low, -- 95 % by Wilson, lower end: sampling error only
    case when p >= 0 then greatest(least(middle + half, 1), p) end as ci_high, -- 95 % by Wilson, upper end: sampling error only
    cast(delivered as double) / nullif(messages, 0) as success_ratio, -- delivered / messages
    cast(delivered + pending as double) / nullif(messages, 0) as best_case, -- all pending delivered
    cast(with_final as double) / nullif(messages, 0) as dlr_ratio -- with a final status / messages
from bounded
order by /* in order, */ messages

-- What messages cost, one row a currency: sums over messages, never over receipts.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), summed as (
    select
        /* besides, */
        currency,
        count(*) as messages,
        count(price) as priced,
        count(*) filter (where outcome = 'delivered') as delivered,
        sum(price) as cost,
        sum(price) filter (where outcome not in ('delivered', 'pending')) as wasted
    from selected
    group by all
    /* without by */
    union all
    select currency, 0, 0, 0, null, null from pipeline.parameters where not exists (select 1 from selected)
    /* end */
), parted as (
    -- whole units and hundred-millionths apart, so that the division below is exact in 64 bits
    select
        *,
        case when cost < 0 then -1 else 1 end as direction,
        cast(floor(abs(cost)) as bigint) as whole,
        cast(round((abs(cost) - floor(abs(cost))) * 100000000) as bigint) as rest
    from summed
), divided as (
    -- as by hand: whole / n, then what remains of it with the rest, half up
    select
        *,
        whole // nullif(priced, 0) as per_message,
        ((whole % nullif(priced, 0) * 100000000 + rest) * 2 + priced)
            // (2 * nullif(priced, 0)) as per_message_rest,
        whole // nullif(delivered, 0) as per_delivered,
        ((whole % nullif(delivered, 0) * 100000000 + rest) * 2 + delivered)
            // (2 * nullif(delivered, 0)) as per_delivered_rest
    from parted
)
select
    /* by, */
    messages, -- messages in this currency, priced or not
    priced, -- of them with a price
    currency, -- of the price; amounts of two currencies are never added
    cost, -- sum of price, exact; NULL where nothing is priced
    try_cast(
        direction * try_cast(per_message + per_message_rest * 0.00000001 as decimal(26, 8)) as decimal(18, 8)
    ) as cost_per_message, -- cost / priced, half up
    try_cast(
        direction * try_cast(per_delivered + per_delivered_rest * 0.00000001 as decimal(26, 8)) as decimal(18, 8)
    ) as cost_per_delivered, -- cost / delivered, half up
    case when priced > 0 then coalesce(wasted, 0) end as wasted -- cost of the settled and undelivered
from divided
order by /* in order, */ currency nulls last

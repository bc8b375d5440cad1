-- Receipts against exports of the Reports API, one row a currency: what is missing, what differs.
with summed as (
    select
        /* besides, */
        currency,
        count(*) as messages,
        count(*) filter (where received) as received,
        count(*) filter (where missing) as missing,
        count(*) filter (where other_status) as other_status,
        count(*) filter (where other_price) as other_price,
        count(price) as priced,
        sum(price) as cost,
        sum(price) filter (where missing) as missing_cost,
        sum(price - received_price) as price_difference
    from reconcile.compared
    group by all
    /* without by */
    union all
    select currency, 0, 0, 0, 0, 0, 0, null, null, null
    from pipeline.parameters
    where not exists (select 1 from reconcile.compared)
    /* end */
)
select
    /* by, */
    currency, -- of the reported price; amounts of two currencies are never added
    messages, -- reported
    received, -- of them with a receipt
    missing, -- reported final, and no receipt
    other_status, -- reported final, and the receipts say otherwise
    other_price, -- both prices known, in one currency, and they differ
    cost, -- sum of the reported prices, exact; NULL where none is known
    case when priced > 0 then coalesce(missing_cost, 0) end as missing_cost, -- of cost, that of the missing
    case when priced > 0 then coalesce(price_difference, 0) end as price_difference -- sum of reported less received price, over both known in one currency
from summed
order by /* in order, */ currency nulls last

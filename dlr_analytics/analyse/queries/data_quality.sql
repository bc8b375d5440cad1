-- What the figures rest on: how much was read, and what of it could not be used.
with chosen as (
    select
        /* buckets, */
        *
    from messages
    where true /* asked */
)
select
    /* by, */
    count(*) as messages, -- messages in all
    coalesce(cast(sum(receipts) as bigint), 0) as receipts, -- receipts read for them
    coalesce(cast(sum(duplicates) as bigint), 0) as duplicates, -- of those, said nothing new
    count(*) filter (where receipts = 0) as without_receipt, -- sent, and no receipt came
    count(*) filter (where network_code is null) as without_network_code, -- no network code
    count(*) filter (where price is null) as without_price, -- no price
    count(*) filter (where outcome = 'silent') as silent, -- no final receipt in 72 h
    count(*) filter (where outcome = 'delivered') as delivered, -- delivered: these can be measured
    count(*) filter (where outcome = 'delivered' and sent_at is null) as without_send_time, -- of those, no send time
    count(push_latency_s) as push_measured, -- of those, measured by push latency
    count(push_latency_s) filter (where sent_at_source = 'accepted') as from_accepted -- of those, on the stand-in
from chosen
group by all
order by /* in order, */ messages

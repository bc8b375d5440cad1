-- The curve by which the pending are foreseen: how long mature messages of each network were pending,
-- by whole seconds. However many messages there are, there are not many of these.
-- Reads measured and asked.
with mature as (
    select
        measured.network_code,
        floor(date_diff('microsecond', measured.message_time, measured.final_at) / 1000000.0)
            as open_s,
        case when measured.status = 'delivered' then 1 else 0 end as delivered
    from measured
    cross join asked
    where measured.message_time < asked.mature_before
)
select
    network_code, -- the carrier
    open_s, -- whole seconds from message_time to final_at; NULL for ever
    cast(count(*) as bigint) as messages, -- that were pending so long
    cast(sum(delivered) as bigint) as delivered -- of them delivered in the end
from mature
group by network_code, open_s

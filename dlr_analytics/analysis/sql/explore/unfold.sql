-- The counts that a delivery rate needs, added up over the rows of a fold. Reads selected.
select
    /* besides, */
    cast(coalesce(sum(messages), 0) as bigint) as messages, -- message parts
    cast(coalesce(sum(settled), 0) as bigint) as settled, -- of them settled
    cast(coalesce(sum(delivered), 0) as bigint) as delivered, -- settled as delivered
    cast(coalesce(sum(failed), 0) as bigint) as failed, -- settled as failed
    cast(coalesce(sum(expired), 0) as bigint) as expired, -- settled as expired
    cast(coalesce(sum(rejected), 0) as bigint) as rejected, -- settled as rejected
    cast(coalesce(sum(unknown), 0) as bigint) as unknown, -- settled as unknown
    cast(coalesce(sum(silent), 0) as bigint) as silent, -- settled as silent
    cast(coalesce(sum(pending), 0) as bigint) as pending, -- not settled
    cast(coalesce(sum(with_final), 0) as bigint) as with_final, -- with a final status
    cast(coalesce(sum(with_expected), 0) as bigint) as with_expected, -- whose chance of delivery is known
    coalesce(sum(to_come), 0) as to_come, -- sum of expected over the pending
    coalesce(sum(to_come_se), 0) as to_come_se -- sum of its standard errors
from selected
group by all

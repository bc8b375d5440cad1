-- Messages with what became of them, as of a moment: measured, and what depends on the moment.
-- Reads settled and recent (measured in two: days so far back that nothing of them is pending, and
-- all others), foresight and asked.
with judged as (
    select
        settled.*,
        false as is_pending,
        cast(null as double) as foreseen,
        cast(null as double) as expected_se
    from settled
    union all
    select
        recent.*,
        false,
        null,
        null
    from recent
    cross join asked
    where recent.final or recent.message_time < asked.mature_before
    union all
    select
        recent.*,
        true,
        foresight.expected,
        foresight.se
    from recent
    cross join asked
    left join foresight on foresight.message_key = recent.message_key
    where not recent.final
        and (recent.message_time is null or recent.message_time >= asked.mature_before)
)
select
    judged.* exclude (is_pending, foreseen, expected_se),
    case
        when is_pending then 'pending'
        when final then status
        when status = 'unknown' then 'unknown'
        else 'silent'
    end as outcome, -- delivered, failed, expired, rejected, unknown, silent or pending
    case
        when is_pending then foreseen
        when final and status = 'delivered' then 1.0
        else 0.0
    end as expected, -- 1 delivered, 0 otherwise settled, between for a pending one
    expected_se -- standard error of expected, of a pending one
from judged

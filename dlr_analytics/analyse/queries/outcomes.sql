-- Messages with what became of them, as of a moment: measured, and what depends on the moment.
-- Reads measured, recent (of measured, those that may be pending), foresight and asked.
with settled as (
    select
        measured.*,
        case
            when measured.final then measured.status
            when measured.status = 'unknown' then 'unknown'
            else 'silent'
        end as outcome,
        case when measured.final and measured.status = 'delivered' then 1.0 else 0.0 end
            as expected,
        cast(null as double) as expected_se
    from measured
    cross join asked
    where measured.final or measured.message_time < asked.mature_before
),
pending as (
    select
        recent.*,
        'pending' as outcome,
        foresight.expected,
        foresight.se as expected_se
    from recent
    cross join asked
    left join foresight on foresight.message_key = recent.message_key
    where not recent.final
        and (recent.message_time is null or recent.message_time >= asked.mature_before)
),
told as (
    select * from settled
    union all
    select * from pending
)
select
    told.* exclude (outcome, expected, expected_se),
    outcome, -- delivered, failed, expired, rejected, unknown, silent or pending
    expected, -- 1 delivered, 0 otherwise settled, between for a pending one
    expected_se -- standard error of expected, of a pending one
from told

-- How far receipts tell what became of messages, and whether that is enough to compare.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), aged as (
    select selected.*, coalesce(selected.message_time < parameters.mature_before, false) as is_old
    from selected
    cross join pipeline.parameters as parameters
), judged as (
    -- Vonage itself sends expired 72 h after sending; an hour of grace for clocks and stand-ins
    select
        aged.*,
        case
            when is_old and outcome = 'expired'
                then final_at >= message_time + limits.mature - interval '1 hour'
            else false
        end as timed_out,
        limits.min_mature
    from aged
    cross join pipeline.limits as limits
), counted as (
    select
        /* besides, */
        count(*) as messages,
        sum(judged.receipts) as receipts_sum,
        count(*) filter (where is_old) as old,
        count(*) filter (where is_old and final) as final_old,
        count(*) filter (where timed_out) as timed_out,
        count(*) filter (where is_old and outcome = 'unknown') as unknown,
        count(*) filter (where is_old and outcome = 'silent') as silent,
        count(*) filter (
            where is_old and outcome = 'silent' and status in ('accepted', 'buffered')
        ) as accepted_only,
        max(min_mature) as enough
    from judged
    group by all
), shared as (
    select
        *,
        coalesce(receipts_sum, 0) as receipts_all,
        cast(final_old - timed_out as double) / nullif(old, 0) as answered
    from counted
)
select
    /* by, */
    messages, -- messages in all
    cast(receipts_all as bigint) as receipts_read, -- receipts of these, repeated ones too
    old as mature, -- of them sent more than 72 h before as of: the shares are of these
    answered as answered_share, -- with a final receipt that is no time-out
    cast(timed_out as double) / nullif(old, 0) as timed_out_share, -- expired 71 h or more after sending: Vonage's own time-out, no failed delivery
    cast(unknown as double) / nullif(old, 0) as unknown_share, -- the network's answer is not documented
    cast(silent as double) / nullif(old, 0) as silent_share, -- without final receipt, and not unknown
    cast(accepted_only as double) / nullif(old, 0) as accepted_only_share, -- silent, with nothing but accepted or buffered receipts
    cast(final_old as double) / nullif(old, 0) as final_share, -- with a final receipt, time-outs too
    case
        when coalesce(old < enough, true) then 'too few'
        when answered >= 0.9 then 'comparable'
        when accepted_only >= timed_out and accepted_only >= silent - accepted_only
            and accepted_only >= unknown then 'stops at accepted'
        when timed_out >= silent - accepted_only and timed_out >= unknown then 'times out'
        when unknown > silent - accepted_only then 'answers unknown'
        else 'stays silent'
    end as verdict -- comparable from 90 % answered; too few below 100 mature; else what is missing most
from shared
order by /* in order, */ messages nulls last

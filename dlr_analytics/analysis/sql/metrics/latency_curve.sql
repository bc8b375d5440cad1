-- How delivery spread over time: messages by push latency, eight steps to each doubling.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), stepped as (
    -- each latency is put to the step at or above it, so that a running sum is exact at the steps
    select
        /* besides, */
        power(2e0, ceil(8 * log2(greatest(push_latency_s, 1))) / 8) as within_s
    from selected
    where push_latency_s is not null
)
select
    /* by, */
    within_s, -- seconds: a step, above the one before by an eighth of a doubling
    count(*) as messages -- messages confirmed within it, and not within the step before
from stepped
group by all
order by /* in order, */ within_s

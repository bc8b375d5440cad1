-- Why messages were not delivered: the err-codes of the settled and undelivered.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), counted as (
    -- a code that only delivered or pending messages have is of no row, but these are messages too
    select
        /* besides, */
        err_code,
        count(*) filter (where outcome not in ('delivered', 'pending')) as messages,
        count(*) as of_code
    from selected
    group by all
), summed as (
    select
        *,
        sum(messages) over (partition by /* besides, */ true) as of_all,
        sum(of_code) over (partition by /* besides, */ true) as of_every
    from counted
), shared as (
    select
        /* besides, */
        err_code,
        messages,
        of_all,
        of_every
    from summed
    where messages > 0
    /* without by */
    union all
    select null, 0, 0, sum(of_code)
    from counted
    having coalesce(sum(messages), 0) = 0
    /* end */
)
select
    /* by, */
    err_code, -- of the deciding receipt; NULL where it names none, or none came
    meaning, -- what the code means; NULL where Vonage does not list it
    kind, -- temporary, permanent, content or sender, configuration, unknown
    advice, -- what to do about it
    messages, -- settled and undelivered messages with this code
    cast(messages as double) / nullif(of_all, 0) as share, -- of the settled and undelivered
    cast(messages as double) / nullif(of_every, 0) as per_message -- share of all messages, delivered and pending ones too
from shared
left join err_codes using (err_code)
order by /* in order, */ err_code nulls last

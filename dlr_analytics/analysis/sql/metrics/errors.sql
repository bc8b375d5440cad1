-- Why messages were not delivered: the err-codes of the settled and undelivered.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), undelivered as (
    select *
    from selected
    where outcome not in ('delivered', 'pending')
), counted as (
    select
        /* besides, */
        err_code,
        count(*) as messages
    from undelivered
    group by all
    /* without by */
    union all
    select null, 0 where not exists (select 1 from undelivered)
    /* end */
), shared as (
    select
        *,
        sum(messages) over (partition by /* besides, */ true) as of_all
    from counted
)
select
    /* by, */
    err_code, -- of the deciding receipt; NULL where it names none, or none came
    meaning, -- what the code means; NULL where Vonage does not list it
    kind, -- temporary, permanent, content or sender, configuration, unknown
    advice, -- what to do about it
    messages, -- settled and undelivered messages with this code
    cast(messages as double) / nullif(of_all, 0) as share -- of the settled and undelivered
from shared
left join err_codes using (err_code)
order by /* in order, */ err_code nulls last

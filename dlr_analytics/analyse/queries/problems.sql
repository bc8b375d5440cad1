-- Which problems messages have, by name; a message can have several.
with chosen as (
    select
        /* buckets, */
        *
    from messages
    where true /* asked */
), named as (
    select
        /* besides, */
        unnest(problems) as problem
    from chosen
)
select
    /* by, */
    problem, -- its name, as in a receipt's or a message's problems
    count(*) as messages -- messages that have it
from named
group by all
order by /* in order, */ problem

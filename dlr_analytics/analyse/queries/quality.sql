-- What is wrong with the data or missing from it, and what that does to the figures.
with chosen as (
    select
        /* buckets, */
        *
    from messages
    where true /* asked */
), shown as (
    select
        /* buckets, */
        *
    from flawed
    where true /* asked */
), counted as (
    select
        /* besides, */
        problem,
        count(*) as messages,
        sum(in_receipts) as in_receipts,
        min(message_id) as example
    from shown
    group by all
    union all
    -- and all of them, flawed or not
    select
        /* besides, */
        null, count(*), null, null
    from chosen
    group by all
), sized as (
    select
        *,
        max(case when problem is null then messages end) over (partition by /* besides, */ true)
            as of_all
    from counted
), found as (
    select * from sized where problem is not null
    /* without by */
    union all
    select problem, 0, null, null, (select count(*) from chosen)
    from flaws
    where problem not in (select problem from sized where problem is not null)
    /* end */
), explained as (
    select
        found.* exclude (in_receipts),
        flaws.meaning,
        flaws.effect,
        flaws.place,
        case when flaws.shown_by = 'receipt' then coalesce(in_receipts, 0) else in_receipts end
            as receipts_all
    from found
    left join flaws on flaws.problem = found.problem
)
select
    /* by, */
    problem, -- its name; those of receipts and messages as in their problems
    meaning, -- what it says
    messages, -- messages that show it
    cast(messages as double) / nullif(of_all, 0) as share, -- of all messages
    cast(receipts_all as bigint) as in_receipts, -- receipts that show it, repeated ones too; NULL where only a message can
    example, -- the ID of a message that shows it, for dlr message
    effect -- what it does to the figures
from explained
order by /* in order, */ place nulls last, problem nulls last

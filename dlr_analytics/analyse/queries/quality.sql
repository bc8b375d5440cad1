-- What is wrong with the data or missing from it, and what that does to the figures.
with chosen as (
    select
        /* buckets, */
        *
    from messages
    where true /* asked */
), sized as (
    select
        *,
        message_id as counted_id,
        count(*) over (partition by /* by, */ true) as of_all
    from chosen
), shown as (
    select message_id as counted_id, problem, in_receipts
    from flawed
), found as (
    select
        /* besides, */
        problem,
        of_all,
        count(distinct counted_id) as messages,
        sum(in_receipts) as in_receipts,
        min(message_id) as example
    from sized
    inner join shown using (counted_id)
    group by all
), counted as (
    select * from found
    /* without by */
    union all
    select problem, (select count(*) from chosen), 0, null, null
    from flaws
    where problem not in (select problem from found)
    /* end */
), explained as (
    select
        counted.* exclude (in_receipts),
        flaws.meaning,
        flaws.effect,
        flaws.place,
        case when flaws.shown_by = 'receipt' then coalesce(in_receipts, 0) else in_receipts end
            as receipts_all
    from counted
    left join flaws on flaws.problem = counted.problem
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

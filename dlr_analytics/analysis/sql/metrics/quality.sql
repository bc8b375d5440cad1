-- What is wrong with the data or missing from it, and what that does to the figures.
with selected as (
    select
        /* buckets, */
        *
    from pipeline.message_outcomes
    where true /* filters */
), alike as (
    -- messages with the same flaws, shown by as many receipts: there are few such groups
    select
        /* besides, */
        flaws,
        receipt_flaws,
        count(*) as messages,
        min(message_id) as example
    from selected
    group by all
), sized as (
    select
        *,
        sum(messages) over (partition by /* besides, */ true) as of_all
    from alike
), named as (
    select *, unnest(string_split(nullif(flaws, ''), ' ')) as problem
    from sized
), found as (
    select
        /* besides, */
        problem,
        sum(messages) as messages,
        min(example) as example,
        max(of_all) as of_all,
        sum(messages * len(list_filter(string_split(receipt_flaws, ' '), lambda name: name = problem)))
            as in_receipts
    from named
    group by all
    /* without by */
    union all
    select problem, 0, null, (select sum(messages) from alike), null
    from pipeline.flaws
    where problem not in (select problem from named)
    /* end */
), explained as (
    select
        found.* exclude (in_receipts),
        flaws.meaning,
        flaws.effect,
        flaws.place,
        case
            when flaws.level = 'receipt' then coalesce(in_receipts, 0)
            else nullif(in_receipts, 0)
        end as receipts_all
    from found
    left join pipeline.flaws as flaws on flaws.problem = found.problem
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

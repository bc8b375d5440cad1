-- What is wrong with the data or missing from it, and what that does to the figures.
with selected as (
    select
        /* buckets, */
        *
    from pipeline.message_outcomes
    where true /* filters */
), elsewhere as (
    -- messages of other channels than the one asked for
    select
        /* buckets, */
        *
    from pipeline.message_outcomes
    where /* set elsewhere */ channel <> 'sms' /* end */ /* other channels */
), other_calls as (
    -- calls at the receipt URL that were no receipts: only counted
    select /* set calls */ 0 /* end */ as calls
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
), shown as (
    select
        /* besides, */
        problem,
        sum(messages) as messages,
        min(example) as example,
        max(of_all) as of_all,
        sum(messages * array_length(list_filter(string_split(receipt_flaws, ' '), lambda name: name = problem)))
            as in_receipts
    from named
    group by all
    union all
    select
        /* besides, */
        'other_channel',
        count(*),
        min(message_id),
        null,
        sum(receipts)
    from elsewhere
    group by all
), found as (
    select *
    from shown
    /* without by */
    union all
    select
        flaws.problem,
        case when flaws.problem = 'not_a_receipt' then other_calls.calls else 0 end,
        null,
        (select sum(messages) from alike),
        null
    from pipeline.flaws as flaws
    cross join other_calls
    where flaws.problem not in (select problem from shown)
    /* end */
), explained as (
    select
        found.* exclude (in_receipts),
        flaws.meaning,
        flaws.effect,
        flaws.place,
        case when flaws.level = 'other' then null else of_all end as comparable,
        case
            when flaws.level = 'receipt' or found.problem = 'other_channel'
                then coalesce(in_receipts, 0)
            else nullif(in_receipts, 0)
        end as receipts_all
    from found
    left join pipeline.flaws as flaws on flaws.problem = found.problem
)
select
    /* by, */
    problem, -- its name; those of receipts and messages as in their problems
    meaning, -- what it says
    messages, -- messages that show it; for not_a_receipt calls, which are no messages
    cast(messages as double) / nullif(comparable, 0) as share, -- of all messages; NULL for what is none of them
    cast(receipts_all as bigint) as in_receipts, -- receipts that show it, repeated ones too; NULL where only a message can
    example, -- the ID of a message that shows it, for dlr message
    effect -- what it does to the figures
from explained
order by /* in order, */ explained.place nulls last, problem nulls last

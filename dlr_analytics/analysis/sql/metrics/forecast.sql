-- What messages have cost by day and currency, and how much of it after the time of day of as of.
with selected as (
    select
        currency,
        price,
        /* set day */ cast(date_trunc('day', message_time) as date) /* end */ as spent_on,
        /* set later */ message_time - date_trunc('day', message_time) > asked.as_of - date_trunc('day', asked.as_of) /* end */ as is_later
    from messages
    cross join (select as_of from pipeline.parameters) as asked
    where price is not null /* filters */
)
select
    currency, -- of the price; amounts of two currencies are never added
    spent_on, -- day of message_time
    sum(price) as cost, -- exact
    coalesce(sum(price) filter (where is_later), 0) as later -- of it, after the time of day of as of
from selected
group by currency, spent_on
order by currency nulls last, spent_on nulls last

-- Counts and sums that can be added up: by day, network, sender, currency, outcome, err-code, by.
with selected as (
    select
        /* set day */ cast(date_trunc('day', message_time) as date) /* end */ as sent_on,
        *
    from messages
    where true /* filters */
), counted as (
    select
        /* besides, */
        sent_on,
        network_code,
        sender,
        currency,
        outcome,
        err_code,
        any_value(country) as country,
        any_value(network) as network,
        count(*) as messages,
        count(expected) as with_expected,
        coalesce(sum(expected), 0) as expected,
        coalesce(sum(expected_se), 0) as expected_se,
        count(price) as priced,
        sum(price) as cost,
        count(push_latency_s) as measured,
        count(*) filter (
            where push_latency_s + case when sent_at > date_trunc('second', sent_at) then 2 else 1 end <= 30
        ) as within_30s
    from selected
    group by all
), busiest as (
    -- where every customer has a sender of its own, most rows would hold one message
    select sender
    from counted
    where sender is not null
    group by sender
    order by sum(messages) desc nulls last, sender nulls last
    limit 40
)
select
    /* by, */
    counted.sent_on as day, -- of message_time, in tz
    counted.network_code, -- of the messages; country and network follow from it
    busiest.sender, -- of the messages; NULL where it is none of the 40 with most messages
    counted.currency, -- of the prices
    counted.outcome, -- of the messages
    counted.err_code, -- of the deciding receipts
    any_value(counted.country) as country, -- ISO 3166 alpha-2
    any_value(counted.network) as network, -- the operator's name
    cast(sum(counted.messages) as bigint) as messages, -- message parts sent
    cast(sum(counted.with_expected) as bigint) as with_expected, -- of them settled, or pending with an estimate
    sum(counted.expected) as expected, -- deliveries, those expected of pending messages included
    sum(counted.expected_se) as expected_se, -- sum of the standard errors of the estimates
    cast(sum(counted.priced) as bigint) as priced, -- with a price
    sum(counted.cost) as cost, -- sum of price, exact
    cast(sum(counted.measured) as bigint) as measured, -- with a push latency
    cast(sum(counted.within_30s) as bigint) as within_30s -- of them proven to take up to 30 s
from counted
left join busiest on busiest.sender = counted.sender
group by all
order by day nulls last, counted.network_code nulls last, busiest.sender nulls last, /* in order, */ messages

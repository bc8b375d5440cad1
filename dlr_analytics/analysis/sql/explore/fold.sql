-- Messages folded: their number by outcome, and the sums of a delivery rate, for each group of `by`.
with selected as (
    select
        /* buckets, */
        *
    from messages
    where true /* filters */
), counted as (
    select
        /* besides, */
        any_value(network) as network_name,
        any_value(country) as of_country,
        count(*) as messages,
        count(*) filter (where outcome <> 'pending') as settled,
        count(*) filter (where outcome = 'delivered') as delivered,
        count(*) filter (where outcome = 'failed') as failed,
        count(*) filter (where outcome = 'expired') as expired,
        count(*) filter (where outcome = 'rejected') as rejected,
        count(*) filter (where outcome = 'unknown') as unknown,
        count(*) filter (where outcome = 'silent') as silent,
        count(*) filter (where outcome = 'pending') as pending,
        count(*) filter (where final) as with_final,
        count(expected) as with_expected,
        coalesce(sum(expected) filter (where outcome = 'pending'), 0) as to_come,
        coalesce(sum(expected_se), 0) as to_come_se
    from selected
    group by all
), named as (
    select
        country as of_country,
        min(country_name) as country_name
    from networks
    where country is not null
    group by country
)
select
    /* by, */
    network_name, -- the operator's name, of any message
    country_name, -- the country's name, likewise
    messages, -- message parts
    settled, -- of them final, or sent more than 72 h before as of
    delivered, -- settled as delivered
    failed, -- settled as failed
    expired, -- settled as expired
    rejected, -- settled as rejected
    unknown, -- settled with a status that the network did not document
    silent, -- settled without any final receipt
    pending, -- not settled
    with_final, -- with a final status
    with_expected, -- whose chance of delivery is known
    to_come, -- sum of expected over the pending
    to_come_se -- sum of its standard errors
from counted
left join named using (of_country)

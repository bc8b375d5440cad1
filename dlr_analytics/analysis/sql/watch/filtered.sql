-- Senders whose messages a network refuses just now, and the share that it refused before.
-- Refused is err-code 6 or 50 to 54. The test is the tail of a negative binomial distribution of size 2, since refusals
-- come in spells: at least x of them have the probability q^x (1 + x p), with p = 2 / (2 + expected) and q = 1 - p.
with clock as (
    select as_of from pipeline.parameters
), selected as (
    select *
    from messages
    where true /* filters */
), ended as (
    select
        network_code,
        sender,
        country,
        network,
        final_at,
        coalesce(err_code = 6 or err_code between 50 and 54, false) as refused
    from selected
    cross join clock
    where final_at <= as_of and final_at > as_of - interval '29 days'
), habits as (
    select
        network_code,
        sender,
        count(*) as n,
        count(*) filter (where refused) as x
    from ended
    cross join clock
    where final_at <= as_of - interval '1 day'
    group by all
), windows as (
    select
        network_code,
        sender,
        minutes,
        max(country) as country,
        max(network) as network,
        count(*) as n,
        count(*) filter (where refused) as x
    from ended
    cross join clock
    inner join (select unnest([15, 30, 60, 120]) as minutes) as lengths
        on final_at > as_of - minutes * interval '1 minute'
    group by all
), compared as (
    select
        windows.*,
        greatest((coalesce(habits.x, 0) + 0.5) / (coalesce(habits.n, 0) + 50), 0.002) as habit,
        2 / (2 + windows.n * habit) as p
    from windows
    left join habits
        on habits.network_code is not distinct from windows.network_code
        and habits.sender is not distinct from windows.sender
    where windows.x >= 5 and windows.x >= 0.1 * windows.n
), tested as (
    select *, power(1 - p, x) * (1 + x * p) as tail
    from compared
), alarming as (
    select *, row_number() over (partition by network_code, sender order by tail, minutes) as rank
    from tested
    where tail <= 1e-6
)
select
    network_code, -- the network
    sender, -- the sender
    country, -- the network's country
    network, -- the operator's name
    as_of - minutes * interval '1 minute' as began_at, -- when the window begins
    minutes, -- its length: the least likely of 15, 30, 60 and 120
    n as messages, -- messages that ended in the window
    cast(x as double) / n as value, -- share refused
    habit as usual -- share of the 28 days before, at least 0.2 %
from alarming
cross join clock
where rank = 1
order by network_code nulls last, sender nulls last

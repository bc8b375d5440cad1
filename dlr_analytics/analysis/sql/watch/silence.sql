-- Networks whose receipts have stopped: the last 1, 2, 6 or 24 hours against the same hours of 28 days.
-- Days are alike where the window begins and ends on a weekend, or not, as the present one does: a network may rest on
-- weekends. The median, so that a campaign promises nothing. One more row for all networks together.
with clock as (
    select as_of, as_of - interval '29 days' as begins
    from pipeline.parameters
), selected as (
    select *
    from pipeline.message_outcomes
    where true /* filters */
), arrived as (
    -- counted back from as of
    select
        selected.network_code,
        cast(floor(epoch(as_of - received_at) / 3600) as bigint) as hours_ago,
        max(country) as country,
        max(network) as network,
        count(*) as n,
        max(received_at) as last_at
    from receipts
    cross join clock
    inner join selected
        on selected.message_key = lower(case
            when left(receipts.message_id, 1) <= ' ' or right(receipts.message_id, 1) <= ' '
                then trim(receipts.message_id, e' \t\n\r')
            else receipts.message_id
        end)
    where received_at <= as_of
        and received_at > begins
        and received_at >= /* set begins */ timestamp '0001-01-01' /* end */ -- so that older files are not read
    group by all
), hours as (
    select *, false as is_all
    from arrived
    where network_code is not null
    union all
    select null, hours_ago, null, null, sum(n), max(last_at), true
    from arrived
    group by hours_ago
), heard as (
    -- a week of history, else no judgement
    select
        network_code,
        is_all,
        max(country) as country,
        max(network) as network,
        max(hours_ago) // 24 as oldest_day,
        min(hours_ago) as newest_hour,
        max(last_at) as last_at
    from hours
    group by network_code, is_all
    having max(hours_ago) >= 7 * 24
), moments as (
    -- when the windows of each day end and begin
    select length, days_ago, as_of - (24 * days_ago + before) * interval '1 hour' as moment
    from clock
    cross join (select unnest([1, 2, 6, 24]) as length) as lengths
    cross join (select unnest(range(0, 29)) as days_ago) as days
    cross join lateral (select unnest([0, length]) as before) as edges
), kinds as (
    select
        length,
        days_ago,
        list(isodow(/* set local */ moment /* end */) >= 6 order by moment) as on_weekend
    from moments
    group by all
), alike as (
    select kinds.length, kinds.days_ago
    from kinds
    inner join kinds as present
        on present.days_ago = 0
        and present.length = kinds.length
        and present.on_weekend = kinds.on_weekend
), windows as (
    select
        heard.network_code,
        heard.is_all,
        length,
        days_ago,
        coalesce(sum(hours.n), 0) as n
    from heard
    inner join alike on days_ago <= oldest_day
    left join hours
        on hours.network_code is not distinct from heard.network_code
        and hours.is_all = heard.is_all
        and hours.hours_ago >= 24 * days_ago
        and hours.hours_ago < 24 * days_ago + length
    group by all
), compared as (
    select
        network_code,
        is_all,
        length,
        max(n) filter (where days_ago = 0) as n,
        quantile_disc(n, 0.5) filter (where days_ago > 0) as usual
    from windows
    group by all
), silent as (
    -- a network that was given up is no news after three days
    select
        heard.*,
        length,
        n,
        usual,
        row_number() over (
            partition by heard.is_all, heard.network_code order by length desc
        ) as rank
    from compared
    inner join heard
        on heard.network_code is not distinct from compared.network_code
        and heard.is_all = compared.is_all
    where usual >= 15 and n <= 0.05 * usual and (heard.is_all or newest_hour < 72)
)
select
    network_code, -- the network; NULL: all together
    country, -- its country
    network, -- the operator's name
    last_at as began_at, -- arrival of the last receipt
    60 * length as minutes, -- the longest of the windows that are silent
    cast(n as bigint) as messages, -- receipts in the window
    cast(usual as bigint) as usual -- the median of the same hours
from silent
where rank = 1
order by network_code nulls first

-- Candidate offsets of scts: which offsets the receipts of a network and status claim in each hour, and
-- which claims are reliable. One row a network, status, hour and claim. Reads scts_votes and zones.
with cells as (
    -- claim: a reading that is the offset of a time zone; NULL gathers all others
    select
        network_code,
        status,
        pushed_hour,
        zones.offset_min as claim,
        sum(votes) as votes
    from scts_votes
    left join zones on zones.offset_min = scts_votes.reading
    group by network_code, status, pushed_hour, zones.offset_min
),
hours as (
    -- earlier: receipts of this network and status before this hour
    select
        network_code,
        status,
        pushed_hour,
        sum(votes) as votes,
        coalesce(sum(sum(votes)) over (
            partition by network_code, status
            order by pushed_hour rows between unbounded preceding and 1 preceding
        ), 0) as earlier
    from cells
    group by network_code, status, pushed_hour
),
around as (
    -- support: half a week either side; near: the hour itself and 20 receipts either side
    select
        network_code,
        status,
        pushed_hour,
        earlier,
        sum(votes) over (
            partition by network_code, status
            order by pushed_hour range between 84 preceding and 84 following
        ) as support,
        sum(votes) over (
            partition by network_code, status
            order by earlier range between 20 preceding and 20 following
        ) as near
    from hours
),
agreeing as (
    -- the same claim in the same surroundings
    select
        cells.network_code,
        cells.status,
        cells.pushed_hour,
        cells.claim,
        around.support,
        around.near,
        sum(cells.votes) over half_week as same,
        count(*) over half_week as same_hours,
        sum(cells.votes) over (
            partition by cells.network_code, cells.status, cells.claim
            order by around.earlier range between 20 preceding and 20 following
        ) as same_near
    from cells
    inner join around
        on around.network_code = cells.network_code
        and around.status = cells.status
        and around.pushed_hour = cells.pushed_hour
    window half_week as (
        partition by cells.network_code, cells.status, cells.claim
        order by cells.pushed_hour range between 84 preceding and 84 following
    )
)
select
    network_code, -- the carrier
    status, -- of the receipts
    pushed_hour, -- hours since 1970 of message_timestamp
    claim, -- minutes that scts appears to be ahead of UTC; NULL where that is no time zone's offset
    cast(support as bigint) as support, -- receipts within half a week either side
    claim is not null and same_hours >= 3 and same >= 0.02 * support as established, -- seen in 3 hours and 2 % of the half weeks
    claim is not null and same_hours >= 3 and same >= 0.02 * support
        and same_near > 3 and same_near >= 0.05 * near as sure -- established, and supported among the 20 receipts either side
from agreeing

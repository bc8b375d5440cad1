-- The offset of scts for each reading in each hour, learned from many receipts of one network and
-- status, and whether the carrier's clock is right. Reads scts_claims, scts_votes and zones.
with habits as (
    -- each hour as a whole: how many offsets are sure in it, and which
    select
        network_code,
        status,
        pushed_hour,
        max(support) as support,
        count(*) filter (where sure) as kinds,
        max(case when sure then claim end) as highest,
        min(case when sure then claim end) as lowest,
        case when count(*) filter (where sure) = 1 then max(case when sure then claim end) end
            as only_one,
        case when count(*) filter (where sure) = 1 then pushed_hour end as only_hour
    from scts_claims
    group by network_code, status, pushed_hour
),
surroundings as (
    -- the one sure offset of the last such hour before, and of the first after
    select
        habits.*,
        last_value(only_one ignore nulls) over earlier as one_before,
        last_value(only_hour ignore nulls) over earlier as hour_before,
        first_value(only_one ignore nulls) over later as one_after,
        first_value(only_hour ignore nulls) over later as hour_after
    from habits
    window
        earlier as (
            partition by network_code, status
            order by pushed_hour rows between unbounded preceding and 1 preceding
        ),
        later as (
            partition by network_code, status
            order by pushed_hour rows between 1 following and unbounded following
        )
),
assigned as (
    -- a late push reads too low: it is assigned the one offset of its hour, or of the hours around
    select
        scts_claims.network_code,
        scts_claims.status,
        scts_claims.pushed_hour,
        scts_claims.claim,
        scts_claims.sure,
        case
            when surroundings.support < 20 then null
            when scts_claims.sure then scts_claims.claim
            when scts_claims.established then null -- two offsets in use: this receipt could have either
            when surroundings.kinds = 1
                and coalesce(scts_claims.claim < surroundings.highest, true) then surroundings.highest
            when surroundings.kinds > 1 then null
            when surroundings.kinds = 0
                and surroundings.one_before = surroundings.one_after
                and scts_claims.pushed_hour - surroundings.hour_before <= 84
                and surroundings.hour_after - scts_claims.pushed_hour <= 84
                and coalesce(scts_claims.claim < surroundings.one_before, true)
                then surroundings.one_before
        end as offset_min
    from scts_claims
    inner join surroundings
        on surroundings.network_code = scts_claims.network_code
        and surroundings.status = scts_claims.status
        and surroundings.pushed_hour = scts_claims.pushed_hour
),
looked_up as (
    select
        scts_votes.*,
        assigned.sure,
        assigned.offset_min,
        (scts_votes.scts_quarter - assigned.offset_min // 15) // 4 as scts_hour
    from scts_votes
    left join zones on zones.offset_min = scts_votes.reading
    inner join assigned
        on assigned.network_code = scts_votes.network_code
        and assigned.status = scts_votes.status
        and assigned.pushed_hour = scts_votes.pushed_hour
        and assigned.claim is not distinct from zones.offset_min
),
written as (
    -- the hours in which carriers wrote the scts of late pushes, and the hours with sure offsets
    select network_code, status, pushed_hour as hour, highest, lowest, only_one
    from habits
    union all
    select distinct network_code, status, scts_hour, null, null, null
    from looked_up
    where offset_min is not null and not sure
),
by_hour as (
    select
        network_code,
        status,
        hour,
        max(highest) as highest,
        min(lowest) as lowest,
        max(only_one) as only_one
    from written
    group by network_code, status, hour
),
witnesses as (
    -- the hour's own sure offsets, else those of the hours around it
    select
        network_code,
        status,
        hour,
        coalesce(highest, last_value(only_one ignore nulls) over (
            partition by network_code, status
            order by hour rows between unbounded preceding and 1 preceding
        )) as one,
        coalesce(lowest, first_value(only_one ignore nulls) over (
            partition by network_code, status
            order by hour rows between 1 following and unbounded following
        )) as other
    from by_hour
),
confirmed as (
    -- the offset assigned to a late push must also apply in the hour that the carrier wrote
    select
        looked_up.network_code,
        looked_up.status,
        looked_up.pushed_hour,
        looked_up.reading,
        looked_up.scts_quarter,
        looked_up.on_beat,
        looked_up.votes,
        case
            when looked_up.sure then looked_up.offset_min
            when coalesce(witnesses.one, looked_up.offset_min) = looked_up.offset_min
                and coalesce(witnesses.other, looked_up.offset_min) = looked_up.offset_min
                then looked_up.offset_min
        end as offset_min
    from looked_up
    left join witnesses
        on witnesses.network_code = looked_up.network_code
        and witnesses.status = looked_up.status
        and witnesses.hour = looked_up.scts_hour
),
beats as (
    -- receipts whose offset is known, and those whose push came before scts or over 3 minutes later
    select
        network_code,
        status,
        pushed_hour,
        sum(votes) as votes,
        sum(case when on_beat and reading = offset_min then 0 else votes end) as off_beat
    from confirmed
    where offset_min is not null
    group by network_code, status, pushed_hour
),
clocks as (
    -- the carrier's clock is off where that is more than a quarter of half a week either side
    select
        network_code,
        status,
        pushed_hour,
        sum(off_beat) over half_week > 0.25 * sum(votes) over half_week as clock_off
    from beats
    window half_week as (
        partition by network_code, status
        order by pushed_hour range between 84 preceding and 84 following
    )
)
select
    confirmed.network_code, -- the carrier
    confirmed.status, -- of the receipts
    confirmed.pushed_hour, -- hours since 1970 of message_timestamp
    confirmed.reading, -- minutes that scts appears to be ahead of UTC
    confirmed.scts_quarter, -- quarters of an hour since 1970 of scts, as written
    max(confirmed.offset_min) as offset_min, -- minutes that scts is ahead of UTC
    bool_or(clocks.clock_off) as clock_off -- whether the carrier's clock is off by minutes, so that no latency is computed
from confirmed
inner join clocks
    on clocks.network_code = confirmed.network_code
    and clocks.status = confirmed.status
    and clocks.pushed_hour = confirmed.pushed_hour
where confirmed.offset_min is not null
group by confirmed.network_code, confirmed.status, confirmed.pushed_hour, confirmed.reading,
    confirmed.scts_quarter

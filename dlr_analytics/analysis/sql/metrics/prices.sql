-- When prices changed: from what, to what, since when, and what that has cost.
-- A price is what most messages of a network pay: in the 7 days before, against the 3 days from then.
with selected as (
    select
        network_code,
        currency,
        message_time,
        price,
        /* set day */ cast(date_trunc('day', message_time) as date) /* end */ as day
    from messages
    where price is not null and network_code is not null /* filters */
), tariffs as (
    -- one number for network and currency, which can be NULL
    select
        network_code,
        currency,
        row_number() over (order by network_code nulls last, currency nulls last) as tariff
    from selected
    group by network_code, currency
), priced as (
    select
        tariffs.tariff,
        selected.message_time,
        selected.day,
        selected.price
    from selected
    join tariffs
        on tariffs.network_code = selected.network_code
        and tariffs.currency is not distinct from selected.currency
), days as (
    select tariff, day, price, count(*) as n
    from priced
    group by tariff, day, price
), present as (
    select tariff, day, row_number() over (partition by tariff order by day nulls last) as place
    from days
    group by tariff, day
), paid_before as (
    select present.tariff, present.day, present.place, days.price, sum(days.n) as n
    from present
    join days
        on days.tariff = present.tariff
        and days.day >= present.day - interval 7 days
        and days.day < present.day
    group by present.tariff, present.day, present.place, days.price
), paid_after as (
    select present.tariff, present.day, days.price, sum(days.n) as n
    from present
    join days
        on days.tariff = present.tariff
        and days.day >= present.day
        and days.day < present.day + interval 3 days
    group by present.tariff, present.day, days.price
), commonest_before as (
    select *, row_number() over (partition by tariff, day order by n desc nulls last, price nulls last) as turn
    from paid_before
), commonest_after as (
    select *, row_number() over (partition by tariff, day order by n desc nulls last, price nulls last) as turn
    from paid_after
), differing as (
    select
        old.tariff,
        old.day,
        old.price as price_before,
        new.price,
        -- equal for days that follow each other, those without messages left out
        old.place - row_number() over (
            partition by old.tariff, old.price, new.price order by old.day nulls last
        ) as run
    from commonest_before as old
    join commonest_after as new on new.tariff = old.tariff and new.day = old.day
    where old.turn = 1 and new.turn = 1
        and new.price <> old.price and abs(new.price - old.price) * 1000 >= abs(old.price)
), runs as (
    -- around a change the days differ in a run
    select tariff, price_before, price, run, min(day) as first_day, max(day) as last_day
    from differing
    group by tariff, price_before, price, run
), balanced as (
    -- how many more have paid the old price than the new one up to each message
    select
        runs.tariff,
        runs.price_before,
        runs.price,
        runs.run,
        priced.message_time,
        sum(case when priced.price = runs.price_before then 1 when priced.price = runs.price then -1 else 0 end) over (
            partition by runs.tariff, runs.price_before, runs.price, runs.run
            order by priced.message_time nulls last
        ) as balance
    from runs
    join priced
        on priced.tariff = runs.tariff
        and priced.day >= runs.first_day - interval 1 day
        and priced.day < runs.last_day + interval 3 days
), highest as (
    select
        *,
        max(balance) over (partition by tariff, price_before, price, run) as most
    from balanced
), split as (
    -- the time that leaves the fewest messages on the wrong side: the new price is paid after it
    select
        tariff,
        price_before,
        price,
        run,
        min(message_time) as first_at,
        max(message_time) filter (where balance = most and most > 0) as last_at
    from highest
    group by tariff, price_before, price, run
), dated as (
    select split.tariff, split.price_before, split.price, min(priced.message_time) as changed_at
    from split
    join priced
        on priced.tariff = split.tariff
        and priced.price = split.price
        and (priced.message_time > split.last_at or (split.last_at is null and priced.message_time >= split.first_at))
    group by split.tariff, split.price_before, split.price, split.run
), candidates as (
    select tariff, price_before, price, changed_at
    from dated
    group by tariff, price_before, price, changed_at
), neighbours as (
    select
        candidates.tariff,
        candidates.price_before,
        candidates.price,
        candidates.changed_at,
        priced.price as paid,
        count(*) filter (
            where priced.message_time >= candidates.changed_at - interval 7 days
                and priced.message_time < candidates.changed_at
        ) as before,
        count(*) filter (
            where priced.message_time >= candidates.changed_at
                and priced.message_time < candidates.changed_at + interval 3 days
        ) as after,
        -- within 14 days
        count(*) filter (where priced.message_time < candidates.changed_at) as long_before,
        count(*) filter (where priced.message_time >= candidates.changed_at) as long_after
    from candidates
    join priced
        on priced.tariff = candidates.tariff
        and priced.message_time >= candidates.changed_at - interval 14 days
        and priced.message_time < candidates.changed_at + interval 14 days
    group by candidates.tariff, candidates.price_before, candidates.price, candidates.changed_at, priced.price
), compared as (
    select
        tariff,
        price_before,
        price,
        changed_at,
        max(before) as most_before,
        max(after) as most_after,
        cast(sum(before) filter (where paid = price_before) as double) as old_before,
        cast(sum(after) filter (where paid = price_before) as double) as old_after,
        cast(sum(before) filter (where paid = price) as double) as new_before,
        cast(sum(after) filter (where paid = price) as double) as new_after,
        sum(case when paid = price then long_before when paid = price_before then long_after else 0 end) as astray
    from neighbours
    group by tariff, price_before, price, changed_at
), found as (
    -- two routes at two prices are no change, even if each is the commonest at times: the shares of both
    -- must have moved by half and by more than chance (chi squared), unless the prices never mix
    select
        *,
        lead(changed_at) over (partition by tariff order by changed_at nulls last, price nulls last) as next_at
    from compared
    where old_before = most_before and new_after = most_after
        and (
            astray = 0
            or (
                old_before / nullif(old_before + new_before, 0)
                    + new_after / nullif(old_after + new_after, 0) >= 1.5
                and (old_before + new_before + old_after + new_after)
                    * (old_before * new_after - old_after * new_before)
                    * (old_before * new_after - old_after * new_before)
                    >= 20 * (old_before + new_before) * (old_after + new_after)
                    * (old_before + old_after) * (new_before + new_after)
            )
        )
), since as (
    select
        found.tariff,
        found.changed_at,
        found.price_before,
        found.price,
        count(*) as messages,
        sum(priced.price - found.price_before) as extra_cost
    from found
    join priced
        on priced.tariff = found.tariff
        and priced.message_time >= found.changed_at
        and (found.next_at is null or priced.message_time < found.next_at)
    group by found.tariff, found.changed_at, found.price_before, found.price
)
select
    network_code, -- of the messages; those of unknown networks are left out, since they have many prices
    currency, -- of the price; amounts of two currencies are never compared
    changed_at, -- first message at the new price
    price_before, -- what most messages paid in the 7 days before
    price, -- what most messages paid in the 3 days from then
    cast(price - price_before as double) / nullif(cast(price_before as double), 0) as change, -- share of the old price; NULL where that is 0
    messages, -- with a price, since then until the next change
    extra_cost -- what these cost beyond the old price, exact
from since
join tariffs using (tariff)
order by changed_at nulls last, network_code nulls last, currency nulls last

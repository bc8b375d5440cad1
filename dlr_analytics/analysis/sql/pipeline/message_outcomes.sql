-- Messages with their outcome as of a moment: the facts, and what depends on the moment.
-- Reads settled_facts, recent_facts, nowcast and parameters.
-- settled_facts are the facts of days on which every message is mature, recent_facts all others: only
-- these are searched for pending messages.
with judged as (
    select
        settled_facts.*,
        false as is_pending,
        cast(null as double) as nowcast_expected,
        cast(null as double) as expected_se
    from settled_facts
    union all
    select
        recent_facts.*,
        false,
        null,
        null
    from recent_facts
    cross join parameters
    where recent_facts.final or recent_facts.message_time < parameters.mature_before
    union all
    select
        recent_facts.*,
        true,
        nowcast.expected,
        nowcast.se
    from recent_facts
    cross join parameters
    left join nowcast on nowcast.message_key = recent_facts.message_key
    where not recent_facts.final
        and (
            recent_facts.message_time is null
            or recent_facts.message_time >= parameters.mature_before
        )
)
select
    judged.* exclude (is_pending, nowcast_expected, expected_se),
    case
        when is_pending then 'pending'
        when final and status = 'read' then 'delivered'
        when final then status
        when status = 'unknown' then 'unknown'
        else 'silent'
    end as outcome, -- delivered, failed, expired, rejected, unknown, silent or pending
    case
        when is_pending then nowcast_expected
        when final and status in ('delivered', 'read') then 1e0
        else 0e0
    end as expected, -- probability of delivery: 1 delivered, 0 otherwise settled, estimated while pending
    expected_se -- standard error of expected while pending
from judged

-- How long mature messages of each channel and network were pending, counted by whole seconds: the curve that the
-- nowcast uses. The number of rows grows with the number of distinct durations, not of messages.
-- Reads message_facts and parameters.
with mature as (
    select
        message_facts.channel,
        message_facts.network_code,
        floor(
            date_diff('microsecond', message_facts.message_time, message_facts.final_at) / 1000000.0
        ) as pending_s,
        case when message_facts.status in ('delivered', 'read') then 1 else 0 end as delivered
    from message_facts
    cross join parameters
    where message_facts.message_time < parameters.mature_before
)
select
    channel, -- sms, or another
    network_code, -- the carrier
    pending_s, -- whole seconds from message_time to final_at; NULL where it never became final
    cast(count(*) as bigint) as messages, -- messages pending that long
    cast(sum(delivered) as bigint) as delivered -- delivered ones among them
from mature
group by channel, network_code, pending_s

-- How long mature messages of each channel and network were pending, counted by whole seconds: the curve that the
-- nowcast uses. The number of rows grows with the number of distinct durations, not of messages.
-- Reads mature_durations.
select
    channel, -- sms, or another
    network_code, -- the carrier
    floor(pending_us / 1000000.0) as pending_s, -- whole seconds from message_time to final_at; NULL where it never became final
    cast(count(*) as bigint) as messages, -- messages pending that long
    cast(count(*) filter (where delivered) as bigint) as delivered -- delivered ones among them
from mature_durations
group by channel, network_code, floor(pending_us / 1000000.0)

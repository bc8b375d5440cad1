-- How many messages each channel has, and their first and last time. Reads message_facts.
select
    channel, -- sms, or another
    count(*) as messages, -- all messages
    min(message_time) as first, -- the earliest message_time
    max(message_time) as last -- the latest message_time
from message_facts
group by channel

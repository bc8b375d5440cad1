-- How many messages there are, and their first and last time: one row. Reads message_facts.
select
    count(*) as messages, -- all messages
    min(message_time) as first, -- the earliest message_time
    max(message_time) as last -- the latest message_time
from message_facts

-- How long each mature message was pending. One row a message.
-- Narrow, so that the nowcast of millions reads little. Reads message_facts and parameters.
select
    message_facts.message_key, -- the ID in lower case, without surrounding space
    message_facts.channel, -- sms, or another
    message_facts.network_code, -- the carrier
    date_diff('microsecond', message_facts.message_time, message_facts.final_at) as pending_us, -- microseconds from message_time to final_at; NULL where it never became final
    message_facts.status in ('delivered', 'read') as delivered -- whether it was delivered in the end
from message_facts
cross join parameters
where message_facts.message_time < parameters.mature_before

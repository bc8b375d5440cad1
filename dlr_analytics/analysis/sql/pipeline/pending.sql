-- Messages that are pending at a moment, and for how long. Reads recent_facts and parameters.
select
    recent_facts.message_key, -- the ID in lower case, without surrounding space
    recent_facts.message_id, -- as in messages
    recent_facts.channel, -- sms, or another
    recent_facts.network_code, -- the carrier
    date_diff('microsecond', recent_facts.message_time, parameters.as_of) as age_us -- how long it has been pending
from recent_facts
cross join parameters
where not recent_facts.final and recent_facts.message_time >= parameters.mature_before

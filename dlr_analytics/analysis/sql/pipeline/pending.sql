-- Messages that are pending at a moment, and for how long. Reads recent and asked.
select
    recent.message_key, -- the ID in lower case, without surrounding space
    recent.message_id, -- as in messages
    recent.network_code, -- the carrier
    date_diff('microsecond', recent.message_time, asked.as_of) as age_us -- how long it has been pending
from recent
cross join asked
where not recent.final and recent.message_time >= asked.mature_before

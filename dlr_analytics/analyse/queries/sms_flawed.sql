-- What is wrong with each SMS or missing: one row an SMS and flaw, with the columns of sms.
-- Reads sms and flawed.
with gathered as (
    select
        lower(trim(coalesce(sms_id, message_id), e' \t\n\r')) as sms_id,
        problem,
        sum(in_receipts) as in_receipts
    from flawed
    group by all
)
select
    sms.*,
    gathered.problem, -- of any part, by name
    gathered.in_receipts -- how many receipts of all parts show it; NULL where none does by itself
from sms
inner join gathered on gathered.sms_id = sms.sms_id

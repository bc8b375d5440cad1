-- SMS with what is wrong with them or missing: one row an SMS, with the columns of sms, and of its parts
-- together flaws and shown, as outcomes has them. Reads sms and outcomes.
with gathered as (
    select
        lower(trim(coalesce(sms_id, message_id), e' \t\n\r')) as sms_id,
        array_to_string(list_sort(list_distinct(flatten(list(string_split(nullif(flaws, ''), ' '))))), ' ')
            as flaws,
        string_agg(shown, ' ' order by shown) as shown
    from outcomes
    group by all
)
select
    sms.*,
    gathered.flaws, -- of any part, by name
    gathered.shown -- what each receipt of any part shows by itself, one name a receipt
from sms
inner join gathered on gathered.sms_id = sms.sms_id

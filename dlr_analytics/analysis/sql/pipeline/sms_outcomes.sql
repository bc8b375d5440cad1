-- SMS with what is wrong with them or missing: one row an SMS, with the columns of sms, and of its parts
-- together flaws and shown, as outcomes has them. Reads sms and outcomes.
-- A flaw that only a repeat shows is not its part's, so it is not shown here.
with parts as (
    select
        lower(trim(coalesce(sms_id, message_id), e' \t\n\r')) as sms_id,
        string_split(nullif(flaws, ''), ' ') as flaws,
        string_split(nullif(shown, ''), ' ') as shown
    from outcomes
),
gathered as (
    select
        sms_id,
        array_to_string(list_sort(list_distinct(flatten(list(flaws)))), ' ') as flaws,
        array_to_string(
            list_sort(flatten(list(list_filter(shown, lambda name: list_contains(flaws, name))))),
            ' '
        ) as shown
    from parts
    group by all
)
select
    sms.*,
    gathered.flaws, -- of any part, by name
    gathered.shown -- what each receipt of any part shows by itself, one name a receipt
from sms
inner join gathered on gathered.sms_id = sms.sms_id

-- SMS with their flaws: one row an SMS, with the columns of sms, and flaws and receipt_flaws of its parts
-- together. Reads sms and message_outcomes.
-- A flaw that only a repeated receipt has is not a flaw of its part, so it is left out here.
with parts as (
    select
        lower(trim(coalesce(sms_id, message_id), e' \t\n\r')) as sms_id,
        string_split(nullif(flaws, ''), ' ') as flaws,
        string_split(nullif(receipt_flaws, ''), ' ') as receipt_flaws
    from message_outcomes
),
gathered as (
    select
        sms_id,
        array_to_string(list_sort(list_distinct(flatten(list(flaws)))), ' ') as flaws,
        array_to_string(
            list_sort(flatten(list(
                list_filter(receipt_flaws, lambda name: list_contains(flaws, name))
            ))),
            ' '
        ) as receipt_flaws
    from parts
    group by all
)
select
    sms.*,
    gathered.flaws, -- of any part: sorted distinct names
    gathered.receipt_flaws -- flaws of the receipts of any part: a name for each receipt that has the flaw
from sms
inner join gathered on gathered.sms_id = sms.sms_id

-- The history of one number: the sends, receipts and rows of its messages, in order of time.
-- Reads receipts, sends, messages and pipeline.parameters. $msisdn is a list: the number's digits without
-- a leading 00, and its stored form where numbers are hashed or masked.
with selected as (
    select lower(trim(message_id, e' \t\n\r')) as message_key
    from messages
    where list_contains($msisdn, msisdn)
        or list_contains($msisdn, regexp_replace(msisdn, '^00|[\s().+/-]', '', 'g'))
    union
    select lower(trim(message_id, e' \t\n\r')) as message_key
    from receipts
    where list_contains($msisdn, msisdn)
        or list_contains($msisdn, regexp_replace(msisdn, '^00|[\s().+/-]', '', 'g'))
),
events as (
    select sent_at as moment, 1 as turn, 'send' as what, *
    from sends
    union all by name
    select received_at as moment, 2 as turn, 'receipt' as what, *
    from receipts
    union all by name
    select parameters.as_of as moment, 3 as turn, 'message' as what, messages.*
    from messages
    cross join pipeline.parameters as parameters
)
select
    moment, -- sent_at of a send, received_at of a receipt, the moment of the query for the message
    what, -- send, receipt, or message: the row derived from the others
    * exclude (moment, what, turn) -- the columns of sends, receipts and messages
from events
where lower(trim(message_id, e' \t\n\r')) in (select message_key from selected)
order by moment nulls first, turn, message_id

-- All that is known of one message, or of one number: sends, receipts, and what follows from them.
-- Reads receipts, sends, messages and asked. Of which it tells, $message_id says, or $msisdn, a list: the
-- number without signs and leading 00, and as it is stored where numbers are hashed or masked.
with wanted as (
    select lower(trim(message_id, e' \t\n\r')) as message_key
    from messages
    where lower(trim(message_id, e' \t\n\r')) = lower(trim($message_id, e' \t\n\r'))
        or list_contains($msisdn, msisdn)
        or list_contains($msisdn, regexp_replace(msisdn, '^00|[\s().+/-]', '', 'g'))
    union
    select lower(trim(message_id, e' \t\n\r')) as message_key
    from receipts
    where list_contains($msisdn, msisdn)
        or list_contains($msisdn, regexp_replace(msisdn, '^00|[\s().+/-]', '', 'g'))
),
happened as (
    select sent_at as moment, 1 as turn, 'send' as what, *
    from sends
    union all by name
    select received_at as moment, 2 as turn, 'receipt' as what, *
    from receipts
    union all by name
    select asked.as_of as moment, 3 as turn, 'message' as what, messages.*
    from messages
    cross join asked
)
select
    moment, -- when it happened: sent, received, or as of when the message is told
    what, -- send, receipt, or message: the row that follows from the others
    * exclude (moment, what, turn) -- the columns of sends, receipts and messages
from happened
where lower(trim(message_id, e' \t\n\r')) in (select message_key from wanted)
order by moment nulls first, turn, message_id

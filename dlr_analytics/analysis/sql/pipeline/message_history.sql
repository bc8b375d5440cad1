-- The history of one message: its sends, its receipts and the message itself, in order of time.
-- Reads receipts, sends, messages and pipeline.parameters. $message_id selects the message.
with events as (
    -- contains() is cheap and leaves few rows for trim, which scans every character
    select sent_at as moment, 1 as turn, 'send' as what, *
    from sends
    where contains(lower(message_id), lower(trim($message_id, e' \t\n\r')))
        and lower(trim(message_id, e' \t\n\r')) = lower(trim($message_id, e' \t\n\r'))
    union all by name
    select received_at as moment, 2 as turn, 'receipt' as what, *
    from receipts
    where contains(lower(message_id), lower(trim($message_id, e' \t\n\r')))
        and lower(trim(message_id, e' \t\n\r')) = lower(trim($message_id, e' \t\n\r'))
    union all by name
    select parameters.as_of as moment, 3 as turn, 'message' as what, messages.*
    from messages
    cross join pipeline.parameters as parameters
    where contains(lower(message_id), lower(trim($message_id, e' \t\n\r')))
        and lower(trim(message_id, e' \t\n\r')) = lower(trim($message_id, e' \t\n\r'))
)
select
    moment, -- sent_at of a send, received_at of a receipt, the moment of the query for the message
    what, -- send, receipt, or message: the row derived from the others
    * exclude (moment, what, turn) -- the columns of sends, receipts and messages
from events
order by moment nulls first, turn, message_id

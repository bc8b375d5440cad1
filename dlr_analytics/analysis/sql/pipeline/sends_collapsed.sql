-- Send records collapsed to messages: one row a message part, from the send log and the Reports API.
-- Reads sends, receipts_collapsed and parameters: a send after sends_until is left out, unless a receipt
-- of its message had arrived by then.
with known as (
    select
        -- trim scans every character, so it is called only where there is one to remove
        lower(case
            when left(sends.message_id, 1) <= ' ' or right(sends.message_id, 1) <= ' '
                then trim(sends.message_id, e' \t\n\r')
            else sends.message_id
        end) as message_key,
        sends.*
    from sends
    where sends.message_id is not null
),
received as (
    -- messages that have receipts, needed only where sends_until is given
    select receipts_collapsed.message_key
    from receipts_collapsed
    cross join parameters
    where parameters.sends_until is not null
),
placed as (
    -- place: 1 takes precedence; Reports API before send log, earlier before later
    select
        known.*,
        row_number() over (
            partition by known.message_key
            order by case known.source when 'reports' then 1 else 2 end, known.sent_at,
                known.part, known.price, known.currency, known.network_code, known.msisdn,
                known.sender, known.client_ref, known.sms_id, known.parts, known.message_id
        ) as place
    from known
    cross join parameters
    left join received on received.message_key = known.message_key
    where received.message_key is not null
        or parameters.sends_until is null
        or known.sent_at is null
        or known.sent_at <= parameters.sends_until
)
select
    message_key, -- the ID in lower case, without surrounding space
    arg_min(message_id, place) as message_id, -- the ID as written
    min(sent_at) filter (where source = 'sends') as logged_at, -- the earliest time in the send log
    min(sent_at) filter (where source = 'reports') as reported_at, -- the Reports API's date_received
    min(sent_at) as first_record_at, -- the earliest time of its send records
    max(sent_at) as last_record_at, -- the latest time of its send records
    arg_min(msisdn, place) filter (where msisdn is not null) as msisdn, -- where known
    arg_min(sender, place) filter (where sender is not null) as sender, -- where known
    arg_min(network_code, place) filter (where network_code is not null) as network_code, -- where known
    arg_min(client_ref, place) filter (where client_ref is not null) as client_ref, -- where known
    arg_min(price, place) filter (where price is not null) as price, -- where known
    arg_min(currency, place) filter (where currency is not null) as currency, -- where known
    arg_min(sms_id, place) filter (where sms_id is not null) as sms_id, -- where known
    arg_min(part, place) filter (where part is not null) as part, -- where known
    arg_min(parts, place) filter (where parts is not null) as parts -- where known
from placed
group by message_key

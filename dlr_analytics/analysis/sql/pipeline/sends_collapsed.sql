-- What the send log and the Reports API know: one row a message part.
-- Reads sends, collapsed and asked: a send after the moment asked for is left out, unless receipts
-- of its message had come by then.
with known as (
    select
        -- trim goes through all characters: only where there is one to take away
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
    -- messages whose receipts had come by then, where there is such a moment
    select collapsed.message_key
    from collapsed
    cross join asked
    where asked.sends_until is not null
),
placed as (
    -- place: 1 counts most; the account's own record before the log, the earlier before the later
    select
        known.*,
        row_number() over (
            partition by known.message_key
            order by case known.source when 'reports' then 1 else 2 end, known.sent_at,
                known.part, known.price, known.currency, known.network_code, known.msisdn,
                known.sender, known.client_ref, known.sms_id, known.parts, known.message_id
        ) as place
    from known
    cross join asked
    left join received on received.message_key = known.message_key
    where received.message_key is not null
        or asked.sends_until is null
        or known.sent_at is null
        or known.sent_at <= asked.sends_until
)
select
    message_key, -- the ID in lower case, without surrounding space
    arg_min(message_id, place) as message_id, -- the ID as written
    min(sent_at) filter (where source = 'sends') as logged_at, -- the earliest time in the send log
    min(sent_at) filter (where source = 'reports') as reported_at, -- the Reports API's date_received
    min(sent_at) as first_record_at, -- the earliest time of all its records
    max(sent_at) as last_record_at, -- the latest
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

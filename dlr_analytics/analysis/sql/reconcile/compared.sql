-- Each reported message beside its receipts, and whether the two differ. One row a reported message.
-- Reads reported_messages, received_messages, statuses and parameters (currency).
with paired as (
    select
        reported.*,
        received.message_key is not null as received,
        received.status as received_status,
        case
            when reported.currency = coalesce(received.currency, parameters.currency) then received.price
        end as received_price,
        coalesce(statuses.status_class = 'final', false) as final
    from reported_messages as reported
    cross join parameters
    left join received_messages as received on received.message_key = reported.message_key
    left join statuses on statuses.status = reported.status
)
select
    message_id, -- as the export writes it
    network_code, -- as reported
    day, -- of date_received, UTC
    currency, -- as reported
    status, -- as reported, aliases resolved
    price, -- as reported
    received, -- whether there is a receipt
    received_status, -- of the deciding receipt, aliases resolved
    received_price, -- of the receipts; NULL in another currency
    final and not received as missing, -- reported final, and no receipt
    final and received and status is distinct from received_status as other_status, -- reported final, and ours differs
    coalesce(price <> received_price, false) as other_price -- both known in one currency, and they differ
from paired

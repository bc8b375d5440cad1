-- Differences between receipts and exports of the Reports API, one row a difference.
with differences as (
    select compared.* exclude (received), 1 as place, 'missing' as difference, status as reported, cast(null as varchar) as received
    from reconcile.compared as compared
    where missing
    union all
    select compared.* exclude (received), 2, 'status', status, received_status
    from reconcile.compared as compared
    where other_status
    union all
    select compared.* exclude (received), 3, 'price', cast(price as varchar), cast(received_price as varchar)
    from reconcile.compared as compared
    where other_price
)
select
    message_id, -- as the export writes it
    network_code, -- as reported
    day, -- of date_received, UTC
    currency, -- of the reported price
    difference, -- missing, status or price
    reported, -- the status or the price in the export, aliases resolved
    received -- that of the receipts; NULL where there is none
from differences
order by /* in order, */ day nulls last, message_id, place

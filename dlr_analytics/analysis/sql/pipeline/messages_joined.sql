-- Messages joined with the send log, networks and countries: one row a message part.
-- Reads receipts_collapsed, sends_collapsed, networks, mccs, client_ref_times and parameters (currency).
-- Columns that only pass through are explained in receipts_collapsed.sql and sends_collapsed.sql.
with joined as (
    -- a value from the receipts wins; the send log fills the gaps
    select
        coalesce(received.message_key, sent.message_key) as message_key,
        coalesce(received.message_id, sent.message_id) as message_id,
        coalesce(received.msisdn, sent.msisdn) as msisdn,
        coalesce(received.sender, sent.sender) as sender,
        coalesce(received.network_code, sent.network_code) as network_code,
        coalesce(received.client_ref, sent.client_ref) as client_ref,
        coalesce(received.price, sent.price) as price,
        coalesce(received.currency, sent.currency) as stated_currency,
        coalesce(sent.parts, received.parts) as parts,
        coalesce(received.channel, 'sms') as channel,
        case when received.message_key is null then 'none' else received.status end as status,
        coalesce(received.final, false) as final,
        received.err_code as stated_err_code,
        coalesce(received.receipts, 0) as receipts,
        coalesce(received.duplicates, 0) as duplicates,
        coalesce(received.time_implausible, false) as time_implausible,
        coalesce(received.prices_disagree, false) as prices_disagree,
        coalesce(received.disordered, false) as disordered,
        received.* exclude (
            message_key, message_id, msisdn, sender, network_code, client_ref, price, currency,
            parts, channel, status, final, err_code, receipts, duplicates, time_implausible, prices_disagree,
            disordered
        ),
        sent.message_key is not null as in_send_log,
        sent.* exclude (
            message_key, message_id, msisdn, sender, network_code, client_ref, price, currency, parts
        )
    from receipts_collapsed as received
    full join sends_collapsed as sent on sent.message_key = received.message_key
),
located as (
    -- the operator, the country and the send time
    select
        joined.*,
        networks.network,
        case
            when networks.network_code is not null then networks.country
            when regexp_matches(joined.network_code, '^[0-9]{5,6}$') then mccs.country
            when regexp_matches(joined.network_code, '^[A-Za-z]{2}-')
                and upper(left(joined.network_code, 2)) in (select country from mccs)
                then upper(left(joined.network_code, 2))
        end as country,
        joined.network_code is not null and networks.network_code is null as network_unknown,
        client_ref_times.sent_at as client_ref_at,
        coalesce(logged_at, reported_at, client_ref_times.sent_at, accepted_at) as sent_at
    from joined
    left join networks on networks.network_code = joined.network_code
    left join mccs on mccs.mcc = left(joined.network_code, 3)
    left join client_ref_times on client_ref_times.client_ref = joined.client_ref
)
select
    located.* exclude (
        stated_currency, stated_err_code, logged_at, reported_at, client_ref_at, accepted_at,
        first_arrival_at, last_arrival_at, network_unknown, in_send_log
    ),
    network_unknown, -- whether its network code is in no table
    in_send_log, -- whether there is a send record
    case when status in ('accepted', 'buffered') then null else stated_err_code end as err_code, -- of the deciding receipt; NULL while accepted or buffered
    coalesce(stated_currency, parameters.currency) as currency, -- from the data, else the setting
    case
        when logged_at is not null then 'sends'
        when reported_at is not null then 'reports'
        when client_ref_at is not null then 'client_ref'
        when accepted_at is not null then 'accepted'
    end as sent_at_source, -- where sent_at comes from; accepted is a stand-in
    coalesce(sent_at, first_at) as message_time, -- the time axis: sent_at, else the first receipt's time
    greatest(logged_at, reported_at, client_ref_at) as latest_send_time, -- over the sources that have one
    least(logged_at, reported_at, client_ref_at) as earliest_send_time, -- over the sources that have one
    cast(coalesce(first_arrival_at, sent_at, timestamp '0001-01-01') as date) as first_seen, -- the day whose cache file has it
    coalesce(last_arrival_at, last_record_at) as last_known_at -- arrival of its last receipt, else time of its last send record
from located
cross join parameters

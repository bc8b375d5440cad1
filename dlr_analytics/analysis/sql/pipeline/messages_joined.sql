-- Messages as their receipts and the send log tell them, before anything is measured: one row a message
-- part. Reads collapsed, sent, networks, mccs, client_ref_times and asked (currency).
with joined as (
    -- receipts first, the send log where they say nothing
    select
        coalesce(collapsed.message_key, sent.message_key) as message_key,
        coalesce(collapsed.message_id, sent.message_id) as message_id,
        collapsed.api_key,
        coalesce(collapsed.msisdn, sent.msisdn) as msisdn,
        coalesce(collapsed.sender, sent.sender) as sender,
        coalesce(collapsed.network_code, sent.network_code) as network_code,
        coalesce(collapsed.client_ref, sent.client_ref) as client_ref,
        case when collapsed.message_key is null then 'none' else collapsed.status end as status,
        coalesce(collapsed.final, false) as final,
        collapsed.err_code,
        coalesce(collapsed.price, sent.price) as price,
        coalesce(collapsed.currency, sent.currency) as currency,
        coalesce(collapsed.receipts, 0) as receipts,
        coalesce(collapsed.duplicates, 0) as duplicates,
        collapsed.first_seen_at,
        collapsed.last_seen_at,
        collapsed.first_arrival_at,
        collapsed.last_arrival_at,
        collapsed.final_at,
        collapsed.first_at,
        collapsed.accepted_at,
        collapsed.told_at,
        collapsed.scts,
        collapsed.reading,
        collapsed.told_hour,
        collapsed.scts_quarter,
        coalesce(collapsed.time_implausible, false) as time_implausible,
        coalesce(collapsed.prices_disagree, false) as prices_disagree,
        coalesce(collapsed.disordered, false) as disordered,
        collapsed.problems,
        sent.message_key is not null as in_send_log,
        sent.first_record_at,
        sent.last_record_at,
        sent.logged_at,
        sent.reported_at,
        sent.sms_id,
        sent.part,
        sent.parts
    from collapsed
    full join sent on sent.message_key = collapsed.message_key
),
placed as (
    -- where it went and when it was sent
    select
        joined.*,
        networks.network,
        case
            when networks.network_code is not null then networks.country
            when regexp_matches(joined.network_code, '^[0-9]{5,6}$') then mccs.country
        end as country,
        joined.network_code is not null and networks.network_code is null as network_unknown,
        client_ref_times.sent_at as ref_at,
        coalesce(logged_at, reported_at, client_ref_times.sent_at, accepted_at) as sent_at
    from joined
    left join networks on networks.network_code = joined.network_code
    left join mccs on mccs.mcc = left(joined.network_code, 3)
    left join client_ref_times on client_ref_times.client_ref = joined.client_ref
)
select
    message_key, -- the ID in lower case, without surrounding space
    message_id, -- the message part's ID, as first written
    api_key, -- the account's key
    msisdn, -- the number it was sent to
    sender, -- the sender ID it was sent from
    network_code, -- MCC and MNC of the recipient's carrier
    country, -- ISO 3166 alpha-2, by network_code, else by its MCC
    network, -- the operator's name
    network_unknown, -- whether its code is nobody's
    client_ref, -- what was set when sending
    status, -- of the deciding receipt; none where no receipt came
    final, -- whether that status is final
    case when status in ('accepted', 'buffered') then null else err_code end as err_code, -- of the deciding receipt
    price, -- of this message part, once
    prices_disagree, -- whether two receipts name different prices
    coalesce(placed.currency, asked.currency) as currency, -- from the data, else the setting
    receipts, -- how many came, duplicates included
    duplicates, -- how many of them said nothing new
    first_seen_at, -- arrival of its first receipt, those that repeat another left out
    last_seen_at, -- arrival of its last receipt, likewise
    final_at, -- arrival of its first final receipt
    first_at, -- the first receipt's message_timestamp, else its arrival
    disordered, -- whether a receipt came after one with a later moment
    sent_at, -- when it was sent, where that can be told
    case
        when logged_at is not null then 'sends'
        when reported_at is not null then 'reports'
        when ref_at is not null then 'client_ref'
        when accepted_at is not null then 'accepted'
    end as sent_at_source, -- where sent_at comes from; accepted is a stand-in
    coalesce(sent_at, first_at) as message_time, -- the time axis
    greatest(logged_at, reported_at, ref_at) as latest_send_time, -- of the sources that have one
    least(logged_at, reported_at, ref_at) as earliest_send_time, -- of the sources that have one
    in_send_log, -- whether there is a send record
    first_record_at, -- the earliest time of its send records
    last_record_at, -- the latest
    cast(coalesce(first_arrival_at, sent_at, timestamp '0001-01-01') as date) as first_seen, -- the day it is kept by
    coalesce(last_arrival_at, last_record_at) as last_known_at, -- when anything of it came last
    told_at, -- message_timestamp of the deciding receipt
    time_implausible, -- whether a message_timestamp cannot be true
    scts, -- of the deciding receipt, as written
    reading, -- minutes that it seems ahead of UTC
    told_hour, -- hours since 1970 of told_at
    scts_quarter, -- quarters of an hour since 1970 of scts, as written
    sms_id, -- what the parts of one SMS have in common
    part, -- which part of the SMS
    parts, -- of how many
    problems -- as its receipts name them
from placed
cross join asked

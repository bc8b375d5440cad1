-- Messages with all that does not depend on the moment of asking: this is what can be kept.
-- Reads collapsed, sent, networks, mccs, client_ref_times, scts_offsets, limits and asked (currency).
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
        collapsed.problems,
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
),
located as (
    -- when the carrier says it happened, in UTC
    select
        placed.*,
        scts_offsets.offset_min as scts_offset_min,
        placed.scts - scts_offsets.offset_min * interval '1 minute' as scts_utc,
        coalesce(scts_offsets.clock_off, false) as clock_off,
        coalesce(
            placed.scts - placed.told_at > limits.contradiction
                or placed.told_at - placed.scts > limits.contradiction,
            false
        ) as contradict_as_written
    from placed
    cross join limits
    left join scts_offsets
        on scts_offsets.network_code = placed.network_code
        and scts_offsets.status = placed.status
        and scts_offsets.told_hour = placed.told_hour
        and scts_offsets.reading = placed.reading
        and scts_offsets.scts_quarter = placed.scts_quarter
),
judged as (
    select
        located.*,
        contradict_as_written
            or coalesce(scts_utc - told_at > limits.mature, false)
            or coalesce(told_at - scts_utc > limits.mature, false) as times_contradict,
        greatest(logged_at, reported_at, ref_at) - least(logged_at, reported_at, ref_at)
            > limits.send_times_apart as send_times_disagree
    from located
    cross join limits
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
    client_ref, -- what was set when sending
    status, -- of the deciding receipt; none where no receipt came
    final, -- whether that status is final
    case when status in ('accepted', 'buffered') then null else err_code end as err_code, -- of the deciding receipt
    price, -- of this message part, once
    coalesce(judged.currency, asked.currency) as currency, -- from the data, else the setting
    receipts, -- how many came, duplicates included
    duplicates, -- how many of them said nothing new
    first_seen_at, -- arrival of its first receipt
    last_seen_at, -- arrival of its last receipt
    final_at, -- arrival of its first final receipt
    sent_at, -- when it was sent, where that can be told
    case
        when logged_at is not null then 'sends'
        when reported_at is not null then 'reports'
        when ref_at is not null then 'client_ref'
        when accepted_at is not null then 'accepted'
    end as sent_at_source, -- where sent_at comes from; accepted is a stand-in
    coalesce(sent_at, first_at) as message_time, -- the time axis
    scts, -- of the deciding receipt, as written
    scts_offset_min, -- minutes that scts is ahead of UTC, learned; NULL where it cannot be told
    scts_utc, -- scts less the offset
    case
        when status = 'delivered' and not times_contradict and not clock_off
            then cast(floor(date_diff('microsecond', sent_at, scts_utc) / 1000000.0) as bigint)
    end as latency_s, -- whole seconds from sending to scts; the truth is up to 61 s more
    case
        when status = 'delivered' and not times_contradict
            then cast(floor(date_diff('microsecond', sent_at, told_at) / 1000000.0) as bigint)
    end as push_latency_s, -- whole seconds from sending to the making of the receipt
    sms_id, -- what the parts of one SMS have in common
    part, -- which part of the SMS
    parts, -- of how many
    list_sort(list_distinct(list_concat(
        coalesce(problems, cast([] as varchar[])),
        case when time_implausible then ['message_timestamp_implausible'] else [] end,
        case when times_contradict then ['times_contradict'] else [] end,
        case when prices_disagree then ['prices_disagree'] else [] end,
        case when send_times_disagree then ['send_times_disagree'] else [] end,
        case when clock_off then ['carrier_clock_off'] else [] end,
        case when network_unknown then ['network_unknown'] else [] end
    ))) as problems -- of its receipts and of the message, by name
from judged
cross join asked

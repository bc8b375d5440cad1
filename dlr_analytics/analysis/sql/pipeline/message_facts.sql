-- Messages with all that does not depend on the moment of asking: this is what is kept.
-- Reads told, shown, scts_offsets and limits.
with located as (
    -- when the carrier says it happened, in UTC
    select
        told.*,
        shown.shown,
        scts_offsets.offset_min as scts_offset_min,
        told.scts - scts_offsets.offset_min * interval '1 minute' as scts_utc,
        coalesce(scts_offsets.clock_off, false) as clock_off,
        coalesce(
            told.scts - told.told_at > limits.contradiction
                or told.told_at - told.scts > limits.contradiction,
            false
        ) as contradict_as_written
    from told
    cross join limits
    left join shown on shown.message_key = told.message_key
    left join scts_offsets
        on scts_offsets.network_code = told.network_code
        and scts_offsets.status = told.status
        and scts_offsets.told_hour = told.told_hour
        and scts_offsets.reading = told.reading
        and scts_offsets.scts_quarter = told.scts_quarter
),
judged as (
    select
        located.*,
        contradict_as_written
            or coalesce(scts_utc - told_at > limits.mature, false)
            or coalesce(told_at - scts_utc > limits.mature, false) as times_contradict,
        latest_send_time - earliest_send_time > limits.send_times_apart as send_times_disagree
    from located
    cross join limits
),
named as (
    select
        judged.* exclude (problems),
        list_sort(list_distinct(list_concat(
            coalesce(problems, cast([] as varchar[])),
            case when time_implausible then ['message_timestamp_implausible'] else [] end,
            case when times_contradict then ['times_contradict'] else [] end,
            case when prices_disagree then ['prices_disagree'] else [] end,
            case when send_times_disagree then ['send_times_disagree'] else [] end,
            case when clock_off then ['carrier_clock_off'] else [] end,
            case when network_unknown then ['network_unknown'] else [] end
        ))) as problems
    from judged
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
    err_code, -- of the deciding receipt; NULL while accepted or buffered
    price, -- of this message part, once
    currency, -- from the data, else the setting
    receipts, -- how many came, duplicates included
    duplicates, -- how many of them said nothing new
    first_seen_at, -- arrival of its first receipt, those that repeat another left out
    last_seen_at, -- arrival of its last receipt, likewise
    final_at, -- arrival of its first final receipt
    sent_at, -- when it was sent, where that can be told
    sent_at_source, -- sends, reports, client_ref or accepted (a stand-in)
    message_time, -- the time axis: sent_at where known, else of its first receipt
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
    problems, -- of its receipts and of the message, by name
    array_to_string(list_sort(list_distinct(list_concat(
        problems,
        case when list_contains(shown, 'receipt_repeated') then ['receipt_repeated'] else [] end,
        case
            when list_contains(shown, 'receipt_out_of_order') then ['receipt_out_of_order'] else []
        end,
        case
            when list_contains(shown, 'receipt_before_send') then ['receipt_before_send'] else []
        end,
        case when list_contains(shown, 'receipt_late') then ['receipt_late'] else [] end,
        case when receipts = 0 then ['receipt_missing'] else [] end,
        case when receipts > 0 and not in_send_log then ['send_missing'] else [] end,
        case when sent_at is null then ['send_time_missing'] else [] end,
        case when sent_at_source = 'accepted' then ['send_time_stand_in'] else [] end,
        case
            when status = 'delivered' and scts is not null and scts_offset_min is null
                and not list_contains(problems, 'times_contradict')
                then ['offset_unknown']
            else []
        end,
        case when price is null then ['price_unknown'] else [] end,
        case when network_code is null then ['network_code_missing'] else [] end
    ))), ' ') as flaws, -- what is wrong with it or missing, problems included: names, a space between
    array_to_string(shown, ' ') as shown, -- what each receipt shows by itself: one name a receipt
    first_record_at, -- the earliest time of its send records
    last_record_at, -- the latest
    first_seen, -- the day it is kept by: of its first receipt, else of its sending
    last_known_at, -- when anything of it came last
    reading, -- minutes that scts seems ahead of UTC
    told_hour, -- hours since 1970 of the deciding receipt's message_timestamp
    scts_quarter -- quarters of an hour since 1970 of scts, as written
from named

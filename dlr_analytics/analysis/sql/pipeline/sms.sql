-- Messages by SMS: one row an SMS, with the columns of messages. A part that no send record links to
-- others is an SMS of its own. Delivered when all parts are; else the worst part represents the SMS.
-- Reads messages and parameters.
with grouped as (
    select
        messages.*,
        lower(trim(coalesce(sms_id, message_id), e' \t\n\r')) as sms_key
    from messages
),
ranked as (
    -- place: 1 represents the SMS; among pending parts the one with the lowest expected
    select
        grouped.*,
        row_number() over (
            partition by sms_key
            order by
                case outcome
                    when 'failed' then 1
                    when 'rejected' then 2
                    when 'expired' then 3
                    when 'unknown' then 4
                    when 'silent' then 5
                    when 'pending' then 6
                    else 7
                end,
                expected nulls first,
                part,
                message_id
        ) as place,
        count(*) over (partition by sms_key) as known
    from grouped
),
summed as (
    select
        sms_key,
        bool_and(outcome = 'delivered') as known_delivered,
        -- parts that nothing links are those of one message of the Messages API
        bool_and(outcome in ('delivered', 'pending')) and max(known) < coalesce(
            max(case when sms_id is not null or part is not null then parts end), 1
        )
            as part_missing,
        sum(price) as price,
        count(distinct currency) as currencies,
        sum(receipts) as receipts,
        sum(duplicates) as duplicates,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        max(final_at) as last_final_at,
        min(sent_at) as sent_at,
        min(message_time) as message_time,
        max(scts_utc) as scts_utc,
        case when count(latency_s) = count(*) then max(latency_s) end as latency_s,
        case when count(push_latency_s) = count(*) then max(push_latency_s) end as push_latency_s,
        max(parts) as parts,
        list_sort(list_distinct(flatten(list(problems)))) as problems
    from ranked
    group by sms_key
),
judged as (
    -- a part that was not accepted is never delivered, and silent after 72 h like any other part
    select
        summed.*,
        known_delivered and not part_missing as all_delivered,
        case
            when part_missing and message_time < parameters.mature_before then 'silent'
            when part_missing then 'pending'
        end as outcome_of_missing
    from summed
    cross join parameters
)
select
    one.message_id, -- of the part that represents the SMS
    one.api_key, -- the account's key
    one.msisdn, -- the number it was sent to
    one.sender, -- the sender ID it was sent from
    one.network_code, -- MCC and MNC of the recipient's carrier
    one.country, -- ISO 3166 alpha-2, by network_code
    one.network, -- the operator's name
    one.client_ref, -- what was set when sending
    case when judged.part_missing and judged.known_delivered then 'none' else one.status end
        as status, -- of that part; none where a part is missing and all others are delivered
    one.final and not judged.part_missing as final, -- whether that status is final
    coalesce(judged.outcome_of_missing, one.outcome) as outcome, -- delivered when all parts are, else of the worst part
    case when judged.part_missing then 0e0 else one.expected end as expected, -- of the least likely part
    one.err_code, -- of that part
    case when judged.currencies <= 1 then try_cast(judged.price as decimal(18, 8)) end as price, -- of all parts together; NULL where it is too large for a price
    one.currency, -- what the price is in
    cast(judged.receipts as bigint) as receipts, -- receipts of all parts
    cast(judged.duplicates as bigint) as duplicates, -- how many of them repeat another
    judged.first_seen_at, -- arrival of the first receipt of any part
    judged.last_seen_at, -- arrival of the last receipt of any part
    case when judged.all_delivered then judged.last_final_at else one.final_at end as final_at, -- arrival of the final receipt of the last part, where all are delivered; else of that part
    judged.sent_at, -- of the part sent first
    one.sent_at_source, -- sends, reports, client_ref or accepted (a stand-in)
    judged.message_time, -- of the part sent first
    one.scts, -- of that part, as written
    one.scts_offset_min, -- of that part
    case when judged.all_delivered then judged.scts_utc end as scts_utc, -- when the last part was delivered
    case when judged.all_delivered then judged.latency_s end as latency_s, -- of the slowest part
    case when judged.all_delivered then judged.push_latency_s end as push_latency_s, -- of the slowest part
    judged.sms_key as sms_id, -- the ID that its parts share
    cast(null as integer) as part, -- always NULL
    judged.parts, -- how many the SMS has, where known
    judged.problems, -- of any part
    one.channel, -- of that part
    case when judged.part_missing then null else one.expected_se end as expected_se -- of the least likely part
from judged
inner join ranked as one on one.sms_key = judged.sms_key and one.place = 1

-- Facts of each message that do not depend on the moment of the query. These rows are cached.
-- Reads messages_joined, receipt_flaws, scts_offsets and limits.
-- Columns that only pass through are explained in messages.sql.
with located as (
    -- the carrier's time in UTC
    select
        messages_joined.*,
        receipt_flaws.names as flaw_names,
        scts_offsets.offset_min as scts_offset_min,
        messages_joined.scts - scts_offsets.offset_min * interval '1 minute' as scts_utc,
        coalesce(scts_offsets.clock_off, false) as clock_off,
        coalesce(
            messages_joined.scts - messages_joined.pushed_at > limits.contradiction
                or messages_joined.pushed_at - messages_joined.scts > limits.contradiction,
            false
        ) as contradict_as_written
    from messages_joined
    cross join limits
    left join receipt_flaws on receipt_flaws.message_key = messages_joined.message_key
    left join scts_offsets
        on scts_offsets.network_code = messages_joined.network_code
        and scts_offsets.status = messages_joined.status
        and scts_offsets.pushed_hour = messages_joined.pushed_hour
        and scts_offsets.reading = messages_joined.reading
        and scts_offsets.scts_quarter = messages_joined.scts_quarter
),
judged as (
    select
        located.*,
        contradict_as_written
            or coalesce(scts_utc - pushed_at > limits.mature, false)
            or coalesce(pushed_at - scts_utc > limits.mature, false) as times_contradict,
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
    named.* exclude (
        flaw_names, clock_off, contradict_as_written, times_contradict, send_times_disagree,
        latest_send_time, earliest_send_time, time_implausible, prices_disagree, network_unknown,
        in_send_log, disordered, first_at, pushed_at, delivered_at
    ),
    case
        when status = 'delivered' and not times_contradict and not clock_off
            then cast(floor(date_diff('microsecond', sent_at, scts_utc) / 1000000.0) as bigint)
    end as latency_s, -- whole seconds from sent_at to scts_utc; the truth is up to 61 s more
    case
        when status in ('delivered', 'read') and not times_contradict
            then cast(floor(date_diff(
                'microsecond', sent_at, case status when 'read' then delivered_at else pushed_at end
            ) / 1000000.0) as bigint)
    end as push_latency_s, -- whole seconds from sent_at to message_timestamp of the delivered receipt
    array_to_string(list_sort(list_distinct(list_concat(
        problems,
        case
            when list_contains(flaw_names, 'receipt_repeated') then ['receipt_repeated'] else []
        end,
        case
            when list_contains(flaw_names, 'receipt_out_of_order') then ['receipt_out_of_order']
            else []
        end,
        case
            when list_contains(flaw_names, 'receipt_before_send') then ['receipt_before_send']
            else []
        end,
        case when list_contains(flaw_names, 'receipt_late') then ['receipt_late'] else [] end,
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
    ))), ' ') as flaws, -- problems and what is missing: distinct names with spaces between
    array_to_string(flaw_names, ' ') as receipt_flaws -- flaws of its receipts: a name for each receipt that has the flaw
from named

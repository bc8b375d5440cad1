-- What is wrong with messages or missing: one row a message and flaw, with the columns of messages.
-- Reads outcomes.
with named as (
    select
        outcomes.*,
        unnest(list_distinct(list_concat(
            problems,
            list_filter(shown, lambda name: name in (
                'receipt_repeated', 'receipt_out_of_order', 'receipt_before_send', 'receipt_late'
            )),
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
        ))) as problem
    from outcomes
)
select
    * exclude (problem, shown),
    problem, -- by name
    nullif(len(list_filter(shown, lambda name: name = problem)), 0) as in_receipts -- how many receipts show it; NULL where none does by itself
from named

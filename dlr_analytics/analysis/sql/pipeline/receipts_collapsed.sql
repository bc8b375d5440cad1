-- Receipts collapsed to messages: one row a message part, from its receipts alone.
-- Reads receipts_normalized. Only the choice of receipts depends on the moment of the query, so what is
-- derived from closed days can be cached.
with copied as (
    -- copy: 1 is the first of equal receipts, which represents them all; other columns break ties
    select
        receipts_normalized.*,
        case status_class when 'final' then 1 when 'unknown' then 2 else 3 end as priority,
        row_number() over (
            partition by message_key, status, err_code, scts_raw
            order by moment, received_at, message_timestamp, price, currency, network_code, msisdn,
                sender, client_ref, api_key, message_id, scts, problems, channel, parts
        ) as copy,
        count(*) over equal_ones as copies,
        min(received_at) over equal_ones as first_copy_at,
        max(received_at) over equal_ones as last_copy_at
    from receipts_normalized
    window equal_ones as (partition by message_key, status, err_code, scts_raw)
),
placed as (
    -- place: 1 is the latest receipt of its message
    select
        copied.*,
        row_number() over latest as place,
        min(priority) over (partition by message_key) as best,
        min(priority) over later as later_best,
        max(case when status = 'accepted' then 1 else 0 end) over earlier as accepted_before,
        max(received_at) over earlier as earlier_received_at
    from copied
    where copy = 1
    window
        latest as (
            partition by message_key
            order by moment desc, received_at desc, status_rank, status, err_code, scts_raw
        ),
        later as (
            partition by message_key
            order by moment desc, received_at desc, status_rank, status, err_code, scts_raw
            rows between unbounded preceding and 1 preceding
        ),
        earlier as (
            partition by message_key
            order by moment desc, received_at desc, status_rank, status, err_code, scts_raw
            rows between 1 following and unbounded following
        )
),
judged as (
    -- turn: 0 is the deciding receipt, which takes precedence; then the later before the earlier
    select
        placed.*,
        case when priority = best and coalesce(later_best > best, true) then 0 else place end
            as turn,
        status = 'accepted' and coalesce(accepted_before, 0) = 0 as first_accepted
    from placed
)
select
    message_key, -- the ID in lower case, without surrounding space
    arg_max(message_id, place) as message_id, -- the ID as first written
    arg_min(api_key, turn) filter (where api_key is not null) as api_key, -- of the deciding receipt, else of the latest that has one
    arg_min(msisdn, turn) filter (where msisdn is not null) as msisdn, -- likewise
    arg_min(sender, turn) filter (where sender is not null) as sender, -- likewise
    arg_min(network_code, turn) filter (where network_code is not null) as network_code, -- likewise
    arg_min(client_ref, turn) filter (where client_ref is not null) as client_ref, -- likewise
    arg_min(price, turn) filter (where price is not null) as price, -- likewise
    arg_min(currency, turn) filter (where currency is not null) as currency, -- likewise
    arg_min(parts, turn) filter (where parts is not null) as parts, -- likewise
    coalesce(arg_min(channel, turn) filter (where channel is not null), 'sms') as channel, -- likewise; sms where none says
    max(case when turn = 0 then status end) as status, -- of the deciding receipt
    bool_or(turn = 0 and status_class = 'final') as final, -- whether that status is final
    max(case when turn = 0 then err_code end) as err_code, -- of the deciding receipt
    max(case when turn = 0 then scts end) as scts, -- of the deciding receipt, as written
    max(case when turn = 0 then pushed_at end) as pushed_at, -- of the deciding receipt
    max(case when turn = 0 then reading end) as reading, -- of the deciding receipt
    max(case when turn = 0 then pushed_hour end) as pushed_hour, -- of the deciding receipt
    max(case when turn = 0 then scts_quarter end) as scts_quarter, -- of the deciding receipt
    cast(sum(copies) as bigint) as receipts, -- how many came, duplicates included
    cast(sum(copies) - count(*) as bigint) as duplicates, -- how many of them repeat another
    min(received_at) as first_seen_at, -- arrival of the first receipt, repeats not counted
    max(received_at) as last_seen_at, -- arrival of the last receipt, repeats not counted
    min(first_copy_at) as first_arrival_at, -- arrival of the first receipt, repeats included
    max(last_copy_at) as last_arrival_at, -- arrival of the last receipt, repeats included
    min(received_at) filter (where status_class = 'final') as final_at, -- arrival of the first final receipt
    min(moment) as first_at, -- the first receipt's message_timestamp, else its arrival
    max(case when status = 'delivered' then pushed_at end) as delivered_at, -- the last delivered receipt's message_timestamp
    max(case when first_accepted then pushed_at end) as accepted_at, -- the first accepted receipt's message_timestamp
    coalesce(bool_or(earlier_received_at > received_at), false) as disordered, -- whether a receipt arrived after one with a later moment
    coalesce(min(price) <> max(price), false) as prices_disagree, -- whether two receipts have different prices
    coalesce(bool_or(message_timestamp is not null and pushed_at is null), false) as time_implausible, -- whether a message_timestamp is implausible
    coalesce(
        list_sort(list_distinct(flatten(list(problems) filter (where problems is not null and problems <> [])))),
        cast([] as varchar[])
    ) as problems -- problems of its receipts: sorted distinct names
from judged
group by message_key

-- How long delivery took: from sending to the carrier's time, and to the push of the receipt.
-- An estimate beyond what the pushes prove is cut to that; a percentile whose margin is beyond, NULL.
/* with latency_push, latency_carrier */
select
    /* push.by, */
    cast(messages as bigint) as messages, -- messages sent
    cast(delivered as bigint) as delivered, -- of them delivered: only they have a latency
    coalesce(cast(measured as bigint), 0) as measured, -- of them with latency_s, from sending to the carrier's scts
    coalesce(cast(contradicted as bigint), 0) as contradicted, -- of measured: scts before sending, or after the push
    cast(push_measured as bigint) as push_measured, -- of them with push_latency_s
    cast(from_accepted as bigint) as from_accepted, -- of either, on the accepted stand-in for the send time
    case when p50_lowest_s <= coalesce(most_p50_s + bound_s, p50_lowest_s) then least(p50_found_s, push_p50_s + bound_s) end as p50_s, -- half arrived within, from sending to the carrier's time: an estimate
    case when p90_lowest_s <= coalesce(most_p90_s + bound_s, p90_lowest_s) then least(greatest(p50_found_s, p90_found_s), push_p90_s + bound_s) end as p90_s, -- 90 % arrived within, from sending to the carrier's time: an estimate
    case when p95_lowest_s <= coalesce(most_p95_s + bound_s, p95_lowest_s) then least(greatest(p50_found_s, p90_found_s, p95_found_s), push_p95_s + bound_s) end as p95_s, -- 95 % arrived within, from sending to the carrier's time: an estimate
    case when p99_lowest_s <= coalesce(most_p99_s + bound_s, p99_lowest_s) then least(greatest(p50_found_s, p90_found_s, p95_found_s, p99_found_s), push_p99_s + bound_s) end as p99_s, -- 99 % arrived within, from sending to the carrier's time: an estimate
    push_p50_s, -- half arrived within, by push latency in whole seconds: an upper bound
    push_p90_s, -- 90 % arrived within, by push latency in whole seconds: an upper bound
    push_p95_s, -- 95 % arrived within, by push latency in whole seconds: an upper bound
    push_p99_s, -- 99 % arrived within, by push latency in whole seconds: an upper bound
    case when to_10s_found >= 0 then greatest(to_10s_found, case when bound_s > 0 then push_within_10s end) end as within_10s, -- share of measured within 10 s, by the carrier's time: an estimate
    case when to_30s_found >= 0 then greatest(to_10s_found, to_30s_found, case when bound_s > 0 then push_within_30s end) end as within_30s, -- share of measured within 30 s, by the carrier's time: an estimate
    case when to_60s_found >= 0 then greatest(to_10s_found, to_30s_found, to_60s_found, case when bound_s > 0 then push_within_60s end) end as within_60s, -- share of measured within 60 s, by the carrier's time: an estimate
    push_within_10s, -- share of push_measured proven within 10 s, by the push: at most the truth
    push_within_30s, -- share of push_measured proven within 30 s, by the push: at most the truth
    push_within_60s, -- share of push_measured proven within 60 s, by the push: at most the truth
    case when p50_s is not null then greatest(p50_s - p50_lowest_s, least(p50_highest_s, most_p50_s + bound_s) - p50_s, 0) end as p50_margin_s, -- 95 % margin of p50_s either way
    case when p90_s is not null then greatest(p90_s - p90_lowest_s, least(p90_highest_s, most_p90_s + bound_s) - p90_s, 0) end as p90_margin_s, -- 95 % margin of p90_s either way
    case when p95_s is not null then greatest(p95_s - p95_lowest_s, least(p95_highest_s, most_p95_s + bound_s) - p95_s, 0) end as p95_margin_s, -- 95 % margin of p95_s either way
    case when p99_s is not null then greatest(p99_s - p99_lowest_s, least(p99_highest_s, most_p99_s + bound_s) - p99_s, 0) end as p99_margin_s, -- 95 % margin of p99_s either way
    case when within_10s is not null then greatest(within_10s - to_10s_lowest, to_10s_highest - within_10s, 0) end as within_10s_margin, -- 95 % margin of within_10s either way
    case when within_30s is not null then greatest(within_30s - to_30s_lowest, to_30s_highest - within_30s, 0) end as within_30s_margin, -- 95 % margin of within_30s either way
    case when within_60s is not null then greatest(within_60s - to_60s_lowest, to_60s_highest - within_60s, 0) end as within_60s_margin -- 95 % margin of within_60s either way
from pipeline.latency_push as push
left join pipeline.latency_carrier as carrier on true /* push.by = carrier.by */
order by /* in order, */ messages

-- How long delivery took: from sending to the carrier's time, and to the push of the receipt.
/* with latency_push, latency_carrier */
select
    /* push.by, */
    cast(messages as bigint) as messages, -- messages sent
    cast(delivered as bigint) as delivered, -- of them delivered: only they have a latency
    cast(measured as bigint) as measured, -- of them with latency_s, from sending to the carrier's scts
    cast(push_measured as bigint) as push_measured, -- of them with push_latency_s
    cast(from_accepted as bigint) as from_accepted, -- of either, on the accepted stand-in for the send time
    p50_s, -- half arrived within, from sending to the carrier's time
    greatest(p50_s, p90_s) as p90_s, -- 90 % arrived within, from sending to the carrier's time
    greatest(p50_s, p90_s, p95_s) as p95_s, -- 95 % arrived within, from sending to the carrier's time
    greatest(p50_s, p90_s, p95_s, p99_s) as p99_s, -- 99 % arrived within, from sending to the carrier's time
    push_p50_s, -- half arrived within, by push latency: an upper bound
    push_p90_s, -- 90 % arrived within, by push latency: an upper bound
    push_p95_s, -- 95 % arrived within, by push latency: an upper bound
    push_p99_s, -- 99 % arrived within, by push latency: an upper bound
    to_10s / nullif(push_measured, 0) as within_10s, -- share of push_measured within 10 s
    to_30s / nullif(push_measured, 0) as within_30s, -- share of push_measured within 30 s
    to_60s / nullif(push_measured, 0) as within_60s, -- share of push_measured within 60 s
    p50_margin_s, -- 95 % margin of p50_s either way
    p90_margin_s, -- 95 % margin of p90_s either way
    p95_margin_s, -- 95 % margin of p95_s either way
    p99_margin_s -- 95 % margin of p99_s either way
from pipeline.latency_push as push
left join pipeline.latency_carrier as carrier on true /* push.by = carrier.by */
order by /* in order, */ messages

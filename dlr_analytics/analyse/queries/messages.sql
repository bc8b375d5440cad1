-- Messages as of a moment: one row a message part.
-- Reads measured, foresight and asked.
with settled as (
    select
        measured.*,
        case
            when final then status
            when message_time < asked.mature_before and status = 'unknown' then 'unknown'
            when message_time < asked.mature_before then 'silent'
            else 'pending'
        end as outcome
    from measured
    cross join asked
)
select
    settled.message_id, -- its ID, as first written
    settled.api_key, -- the account's key
    settled.msisdn, -- the number it was sent to
    settled.sender, -- the sender ID it was sent from
    settled.network_code, -- MCC and MNC of the recipient's carrier
    settled.country, -- ISO 3166 alpha-2, by network_code
    settled.network, -- the operator's name
    settled.client_ref, -- what was set when sending
    settled.status, -- of the deciding receipt; none where no receipt came
    settled.final, -- whether that status is final
    settled.outcome, -- delivered, failed, expired, rejected, unknown, silent or pending
    case
        when settled.outcome = 'delivered' then 1.0
        when settled.outcome = 'pending' then foresight.expected
        else 0.0
    end as expected, -- 1 delivered, 0 otherwise settled, between for a pending one
    settled.err_code, -- of the deciding receipt; NULL while accepted or buffered
    settled.price, -- of this message part, once
    settled.currency, -- from the data, else the setting
    settled.receipts, -- how many came, duplicates included
    settled.duplicates, -- how many of them said nothing new
    settled.first_seen_at, -- arrival of its first receipt
    settled.last_seen_at, -- arrival of its last receipt
    settled.final_at, -- arrival of its first final receipt
    settled.sent_at, -- when it was sent, where that can be told
    settled.sent_at_source, -- sends, reports, client_ref or accepted (a stand-in)
    settled.message_time, -- the time axis: sent_at where known, else of its first receipt
    settled.scts, -- of the deciding receipt, as written
    settled.scts_offset_min, -- minutes that scts is ahead of UTC, learned from the data
    settled.scts_utc, -- scts less the offset
    settled.latency_s, -- whole seconds from sent_at to scts_utc; the truth is up to 61 s more
    settled.push_latency_s, -- whole seconds from sent_at to the making of the receipt
    settled.sms_id, -- what the parts of one SMS have in common
    settled.part, -- which part of the SMS
    settled.parts, -- of how many
    settled.problems -- of its receipts and of the message, by name
from settled
left join foresight on foresight.message_key = settled.message_key

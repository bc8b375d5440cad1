-- Messages as of a moment: one row a message part. Reads message_outcomes.
select
    message_id, -- its ID, as first written
    api_key, -- the account's key
    msisdn, -- the number it was sent to
    sender, -- the sender ID it was sent from
    network_code, -- MCC and MNC of the recipient's carrier
    country, -- ISO 3166 alpha-2, by network_code
    network, -- the operator's name
    client_ref, -- what was set when sending
    status, -- of the deciding receipt; none where no receipt came
    final, -- whether that status is final
    outcome, -- delivered, failed, expired, rejected, unknown, silent or pending
    expected, -- probability of delivery: 1 delivered, 0 otherwise settled, estimated while pending
    err_code, -- of the deciding receipt; NULL while accepted or buffered
    price, -- of this message part, once
    currency, -- from the data, else the setting
    receipts, -- how many came, duplicates included
    duplicates, -- how many of them repeat another
    first_seen_at, -- arrival of its first receipt, repeats not counted
    last_seen_at, -- arrival of its last receipt, likewise
    final_at, -- arrival of its first final receipt
    sent_at, -- when it was sent, where known
    sent_at_source, -- sends, reports, client_ref or accepted (a stand-in)
    message_time, -- the time axis: sent_at where known, else of its first receipt
    scts, -- of the deciding receipt, as written
    scts_offset_min, -- minutes that scts is ahead of UTC, learned from the data
    scts_utc, -- scts less the offset
    latency_s, -- whole seconds from sent_at to scts_utc; the truth is up to 61 s more
    push_latency_s, -- whole seconds from sent_at to message_timestamp of the delivered receipt
    sms_id, -- the ID that the parts of one SMS share
    part, -- which part of the SMS
    parts, -- number of parts of the SMS, by the send log, else by the Messages API
    problems, -- of its receipts and of the message: sorted names
    channel, -- sms, else as the Messages API names it
    expected_se -- standard error of expected while pending
from message_outcomes

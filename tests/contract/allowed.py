"""Requests that the description allows and the product may still refuse with code 1403, each with the reason.

A rule belongs into the description wherever JSON Schema can say it. What stands here it cannot say: it depends on what is stored, on
who asks, or on two fields at once. Each entry names the sentence, so that another refusal of the same field is still found.
"""

# (operation or * for any, field, beginning of the sentence, why the description cannot say it)
ALLOWED = [
    ("*", "from", "must not be after `to`", "an order of two fields"),
    ("GET /api/console/withdrawals", "finished_from", "must not be after `finished_to`", "an order of two fields"),
    ("GET /api/console/withdrawals/export", "finished_from", "must not be after `finished_to`", "an order of two fields"),
    ("POST /api/h5/me/complete", "link_token", "is not one of ours", "the token is signed by us"),
    ("POST /api/h5/withdrawals", "Idempotency-Key", "was used for another", "depends on earlier requests"),
    ("POST /api/console/ledger/corrections", "Idempotency-Key", "was used for another", "depends on earlier requests"),
    ("POST /api/console/ledger/postings/{id}/reverse", "posting", "belongs to a withdrawal", "depends on the posting"),
    ("POST /api/console/settlement/ads", "settle_date", "has no first batch", "depends on what the day has"),
    ("POST /api/console/withdrawals/review", "ids", "names no withdrawal", "depends on what is stored"),
    ("POST /api/console/withdrawals/review", "reason", "is required to reject", "needed by one of the decisions only"),
    ("POST /api/console/settlement/templates", "starts_on", "every template but DEFAULT", "an order of two fields"),
    ("PUT /api/h5/me/id-card", "id_number", "is not the number", "the last character is a check digit"),
    ("POST /robot/distribution", "union_id", "`union_id` is not the token's", "depends on who asks"),
    ("POST /robot/distribution", "open_id", "`open_id` is not the token's", "depends on who asks"),
]


def is_allowed(operation, field, sentence):
    """Whether an operation may refuse this field with this sentence."""
    return any(
        known in ("*", operation) and field == at and (sentence or "").startswith(beginning)
        for known, at, beginning, _ in ALLOWED
    )

"""Requests that the description allows and the product may still refuse with code 1403, each with the reason.

A rule belongs into the description wherever JSON Schema can say it. What stands here it cannot say: it depends on what is stored, on
who asks, on the day, or on two fields at once. Each entry names the sentence, so that another refusal of the same field is still found.
"""

import re

# (operation or * for any, field, beginning of the sentence, why the description cannot say it). The place in a list is left out of a field; a
# field that ends with `.*` is any inside of it.
ALLOWED = [
    ("*", "from", "must not be after `to`", "an order of two fields"),
    ("*", "from", "must be at most ", "a span of two fields"),
    ("GET /api/console/withdrawals", "finished_from", "must not be after `finished_to`", "an order of two fields"),
    ("GET /api/console/withdrawals/export", "finished_from", "must not be after `finished_to`", "an order of two fields"),
    ("GET /api/console/dashboard", "from", "the books of ", "depends on the day"),
    ("POST /api/h5/me/complete", "link_token", "is not one of ours", "the token is signed by us"),
    ("POST /api/h5/withdrawals", "Idempotency-Key", "was used for another", "depends on earlier requests"),
    ("POST /api/h5/withdrawals", "amount", "`amount` must be one of", "the amounts are configured"),
    ("POST /api/console/jobs/{name}/runs", "dry_run", re.compile(r"[a-z_]+ is a worker"), "what runs of this name can be"),
    ("POST /api/console/jobs/{name}/runs", "date", re.compile(r"[0-9-]+ (is in the future|has not ended|is too long ago)"), "depends on the day"),
    ("POST /api/console/ledger/corrections", "Idempotency-Key", "was used for another", "depends on earlier requests"),
    ("POST /api/console/ledger/corrections", "amount", "must be at most", "a bound of a number that is a text"),
    ("POST /api/console/ledger/postings/{id}/reverse", "posting", "belongs to a withdrawal", "depends on the posting"),
    ("POST /api/console/ledger/postings/{id}/reverse", "posting", "is a reversal", "depends on the posting"),
    ("POST /api/console/settlement/ads", "Idempotency-Key", "was used for another", "depends on earlier requests"),
    ("POST /api/console/settlement/ads", "settle_date", "has no first batch", "depends on what the day has"),
    ("POST /api/console/settlement/ads", "settle_date", "is in the future", "depends on the day"),
    ("POST /api/console/settlement/ads", "settle_date", "is too long ago", "depends on the day"),
    ("POST /api/console/settlement/ads", "data.*", "is there twice", "one field of all items must differ"),
    ("POST /api/console/settlement/ads", "data", "`data` holds", "a sum, and what the operator entered that day"),
    ("POST /api/console/settlement/ads", "confirm_repeat", "`confirm_repeat` names a batch that", "depends on earlier batches"),
    ("POST /api/console/settlement/runs/{id}/reverse", "run", "is of groups", "depends on the run"),
    ("POST /api/console/settlement/templates", "starts_on", "every template but DEFAULT", "an order of two fields"),
    ("POST /api/console/settlement/templates", "starts_on", "template ", "depends on the dates of other templates"),
    ("POST /api/console/settlement/templates", "rule.*", "must bring, with activity_profit", "a product and sum of three fields"),
    ("POST /api/console/withdrawals/review", "ids", "names no withdrawal", "depends on what is stored"),
    ("POST /api/console/withdrawals/review", "reason", "is required to reject", "needed by one of the decisions only"),
    ("PUT /api/h5/me/id-card", "id_number", "is not the number", "provinces, a date of birth, a check digit"),
    ("POST /robot/distribution", "union_id", "`union_id` is not the token's", "depends on who asks"),
    ("POST /robot/distribution", "open_id", "`open_id` is not the token's", "depends on who asks"),
    ("POST /settlement", "settle_date", "is in the future", "depends on the day"),
    ("POST /settlement", "settle_date", "is too long ago", "depends on the day"),
    ("POST /settlement", "data", "`data` must have 1 to 255", "OpenAPI 3.0 has no words for the names of a map"),
    ("POST /task/receive", "content.items.*", re.compile(r"`[^`]+` is missing"), "each kind of item needs other fields"),
]


def is_allowed(operation, field, sentence):
    """Whether an operation may refuse this field with this sentence."""
    field = re.sub(r"\[[0-9]+\]", "", field or "")
    return any(
        known in ("*", operation) and matches_field(at, field) and begins(beginning, field, sentence or "")
        for known, at, beginning, _ in ALLOWED
    )


def matches_field(at, field):
    return field.startswith(at[:-1]) if at.endswith(".*") else field == at


def begins(beginning, field, sentence):
    """Sentences about a field that is named by a code begin with that name."""
    if isinstance(beginning, re.Pattern):
        return beginning.match(sentence) is not None
    return sentence.removeprefix(f"{field} ").startswith(beginning)

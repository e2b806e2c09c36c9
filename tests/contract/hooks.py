"""The rules of our own for schemathesis: who asks, what counts as a refusal for reasons of state, and what was asked at all.

Who asks is in the environment, as tests/it/src/contract writes it. Every request is authenticated where it is sent, on its final
bytes: partners sign them.
"""

import atexit
import hashlib
import hmac
import itertools
import json
import os
import re
from collections import Counter, defaultdict
from urllib.parse import urlsplit

import requests
import schemathesis
from allowed import is_allowed

CALLER = os.environ["GPET_CONTRACT_CALLER"]
TOKEN = os.environ["GPET_CONTRACT_TOKEN"]
SECRET = os.environ["GPET_CONTRACT_PARTNER_SECRET"].encode()
NOW = os.environ["GPET_CONTRACT_NOW"]
USER = os.environ["GPET_CONTRACT_USER"]
ASKED = os.environ["GPET_CONTRACT_ASKED"]
BREACHES = os.environ["GPET_CONTRACT_BREACHES"]

with open(os.environ["GPET_CONTRACT_EXAMPLES"], encoding="utf-8") as file:
    EXAMPLES = json.load(file)
# WeChat Pay's notification: nobody else can sign, so what was signed is sent as it was.
SEALED = EXAMPLES["POST /wxpay/notify"]

# Of the token in requests: "console" or "h5". Operations of the other must refuse it, whatever else the request says.
SCHEME = {"operator": "console", "user": "h5"}[CALLER]
TOKENS = {"console", "h5"}
PARAMS_ERROR = 1403
# The same in the form of the one partner who has another.
NOT_UNDERSTOOD = 403

# A line is enough for all methods that an operation lacks.
OTHER_METHOD = re.compile(r"\b[A-Z]+ returned")

serial = itertools.count()


def is_for_caller(operation):
    """Whether the operation takes the caller's token, or none: partners' are signed, and some anybody may call."""
    requirements = operation.definition.raw.get("security", [])
    tokens = {name for requirement in requirements for name in requirement} & TOKENS
    return not tokens or SCHEME in tokens


class Caller(requests.auth.AuthBase):
    """Sends the token and a partner's signature with every request, each from an address of its own: limits are per address."""

    def __call__(self, request):
        number = next(serial)
        request.headers["X-Forwarded-For"] = f"100.{number >> 16 & 63}.{number >> 8 & 255}.{number & 255}"
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        nonce = f"{CALLER}-{number}"
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if parts.path == "/wxpay/notify" and is_example(body):
            request.prepare_body(SEALED["sealed"]["body"].encode(), None)
            request.headers.update(SEALED["sealed"]["headers"])
        said = f"{NOW}\n{nonce}\n{request.method}\n{target}\n".encode() + body
        request.headers["X-Gpet-Timestamp"] = NOW
        request.headers["X-Gpet-Nonce"] = nonce
        request.headers["X-Gpet-Sign"] = hmac.new(SECRET, said, hashlib.sha256).hexdigest()
        return request


schemathesis.auth.set_from_requests(Caller())


def is_example(body):
    """Whether a body says what WeChat Pay's notification says."""
    try:
        return json.loads(body) == SEALED["body"]
    except ValueError:
        return False


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Operations that need to know something of the world get a request that works in it."""
    for label, example in EXAMPLES.items():
        method, path = label.split(" ", 1)
        operation = raw_schema["paths"][path][method.lower()]
        for parameter in operation.get("parameters", []):
            values = example.get(parameter["in"], {})
            if parameter["name"] in values:
                parameter["example"] = values[parameter["name"]]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = example["body"]


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    """The caller must not be blocked: everything after would be refused."""
    return USER not in (path_parameters or {}).values() or not context.operation.path.endswith("/block")


@schemathesis.check
def refused_for_state_only(ctx, response, case):
    """What the description allows is not refused as malformed, whatever else may speak against it."""
    if not case.meta or not case.meta.generation.mode.is_positive or case.method != case.operation.method.upper():
        return
    if not is_for_caller(case.operation):
        return
    answer = envelope(response)
    if answer.get("code") != PARAMS_ERROR and answer.get("resultCode") != NOT_UNDERSTOOD:
        return
    field = (answer.get("data") or {}).get("field")
    if not is_allowed(case.operation.label, field, answer.get("msg")):
        raise AssertionError(
            f"allowed by the description, refused as malformed: field {field}: {answer.get('msg')}"
        )


def envelope(response):
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


# Answers by operation and code: to what the description allows, and of that to the requests that are to work.
asked = defaultdict(Counter)
answered = {label: Counter() for label in EXAMPLES}
breaches = set()


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Notes every breach in a line. None is dropped."""
    what = " ".join(f"{failure.title}: {failure.message}".split("Schema at")[0].split())
    what = OTHER_METHOD.sub("another method returned", what)
    breaches.add(f"{case.operation.label}: {response.status_code}: {what}")
    return True


@schemathesis.hook
def after_call(context, case, response):
    """Counts what became of requests that the description allows."""
    if case.meta and case.meta.generation.mode.is_positive and case.method == case.operation.method.upper():
        answer = envelope(response)
        code = answer.get("code", answer.get("resultCode", response.status_code))
        asked[case.operation.label][str(code)] += 1
        if says_example(case):
            answered[case.operation.label][str(code)] += 1


def says_example(case):
    """Whether a request says what the one says that is to work: of path, query and header all it names, and its body."""
    example = EXAMPLES.get(case.operation.label)
    if example is None or "body" in example and case.body != example["body"]:
        return False
    given = {"path": case.path_parameters, "query": case.query, "header": case.headers}
    return all(
        str((given[place] or {}).get(name)) == str(value)
        for place in given
        for name, value in example.get(place, {}).items()
    )


@atexit.register
def tell():
    with open(ASKED, "w", encoding="utf-8") as file:
        json.dump({"allowed": asked, "examples": answered}, file, indent=1, sort_keys=True)
    with open(BREACHES, "w", encoding="utf-8") as file:
        file.writelines(f"{breach}\n" for breach in sorted(breaches))

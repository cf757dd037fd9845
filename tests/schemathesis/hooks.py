"""Rules between parts of a request, which a schema cannot express: good requests are made to obey them.

Bad requests are left alone, so that what is refused is still tried.
"""

import schemathesis
from schemathesis import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is not None and case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    body = case.body if isinstance(case.body, dict) else {}
    # If both ids are there they must be equal; `version` and `If-Match` too.
    if body.get("roomId") is not None:
        body.pop("id", None)
    if body.get("version") is not None and case.headers:
        case.headers.pop("If-Match", None)
    # A cursor is good only if a page has given it.
    if case.query:
        case.query.pop("cursor", None)

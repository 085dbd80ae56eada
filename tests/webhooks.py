"""Webhooks as the provider sends them, signed or forged, for the tests."""

import json
from datetime import datetime
from typing import Any

from changelog.model.text.webhook import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

SECRET = "not-the-shape-of-a-secret-0815"  # noqa: S105 -- the test's own


def webhook(
    call: str, to: str, application: str, at: datetime, event: str = "call.completed", **more: Any
) -> str:
    return json.dumps(
        {
            "event": event,
            "created_at": at.isoformat().replace("+00:00", "Z"),
            "call": {
                "id": call,
                "customer_id": "cust_1",
                "application_id": application,
                "direction": "inbound",
                "from": "+15550000000",
                "to": to,
                **more,
            },
            "variables": {},
            "data": {},
        }
    )


def signed(body: str, timestamp: str, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a delivery."""
    signature = sign(secret.encode(), timestamp.encode(), body.encode())
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature.decode()}

"""DIDs and applications that do not exist, in the documented shape, the same ones in every run."""

import json
from dataclasses import dataclass

APPLICATIONS = 40
_MOVED_TO = 1
_CREATED = "2026-05-29T12:00:00Z"
_PROVIDERS = ("didww", "voxbone", "telnyx")


@dataclass(frozen=True, slots=True)
class FleetDid:
    """The `index`-th DID of a fleet; `version` counts the routings that it has had so far."""

    index: int
    version: int = 0

    @property
    def did(self) -> str:
        return f"did_{self.index:09d}"

    @property
    def number(self) -> str:
        return f"+1555{self.index:09d}"

    @property
    def application(self) -> str:
        return application_id(self.index + self.version * _MOVED_TO)

    @property
    def body(self) -> str:
        """Return the API's answer, with the nine documented fields."""
        return json.dumps(
            {
                "id": self.did,
                "customer_id": f"cust_{self.index % 7:03d}",
                "application_id": self.application,
                "number_e164": self.number,
                "provider": _PROVIDERS[self.index % len(_PROVIDERS)],
                "status": "active",
                "route_mode": "webhook",
                "created_at": _CREATED,
                "updated_at": f"2026-06-{1 + self.version % 28:02d}T12:00:00Z",
            },
            separators=(",", ":"),
        )


def application_id(index: int) -> str:
    return f"app_{index % APPLICATIONS:03d}"


def answer_url(application: str) -> str:
    return f"https://voice.example/{application}/answer"


def answer_urls() -> dict[str, str]:
    """Return the answer_url of each application."""
    return {name: answer_url(name) for name in map(application_id, range(APPLICATIONS))}


def applications_body() -> str:
    """Return the answer to ``GET /applications``."""
    listed = [
        {"id": name, "customer_id": "cust_001", "name": name, "answer_url": url}
        for name, url in answer_urls().items()
    ]
    return json.dumps({"count": len(listed), "data": listed})

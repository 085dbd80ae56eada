"""An error that nobody thought of, as it is reported: without secrets, and with what to do next."""

import os

from changelog.model import exits
from changelog.model.errors import ChangelogError


def bug(error: Exception) -> ChangelogError:
    """What a user is told of `error`; with CHANGELOG_DEBUG, where it came from goes before it."""
    from changelog.cli.keys import secrets_read
    from changelog.model.text.redaction import redact
    from changelog.model.text.sanitize import masked_urls

    if os.environ.get("CHANGELOG_DEBUG"):
        import traceback

        traceback.print_exception(error)
    message = redact(
        # A database's address may hold a password.
        masked_urls(f"a bug in this program: {type(error).__name__}: {error}"),
        [os.environ.get("MINIVOICE_API_KEY", ""), *secrets_read],
    )
    hint = "Nothing recorded is lost. Set CHANGELOG_DEBUG=1 to see where, and report it."
    return ChangelogError(exits.BUG, message, hint)

"""Which authorities a server's certificate is checked against: the system's, or those named."""

import os
import ssl
from pathlib import Path

from changelog.model.errors import UsageError


def trusting_context() -> ssl.SSLContext:
    """Trusts what SSL_CERT_FILE and SSL_CERT_DIR name and nothing else, or what the system trusts.

    Raises UsageError where that cannot be read, and where it is nothing.
    """
    file = os.environ.get("SSL_CERT_FILE") or None
    folder = os.environ.get("SSL_CERT_DIR") or None
    try:
        context = ssl.create_default_context(cafile=file, capath=folder)
        trusts_any = _trusts_any(context, folder)
    except OSError as error:
        raise UsageError(
            f"the certificates to trust cannot be read: {error.strerror or error}",
            "Correct or unset SSL_CERT_FILE and SSL_CERT_DIR",
        ) from error
    if not trusts_any:
        raise UsageError(
            "there are no certificates to trust, so no server can prove who it is",
            "Install the system's (on Debian: apt-get install ca-certificates), or name a file of "
            "them in SSL_CERT_FILE",
        )
    return context


def _trusts_any(context: ssl.SSLContext, folder: str | None) -> bool:
    if context.cert_store_stats()["x509"]:
        return True
    # A folder's certificates are read one by one, when they are needed.
    folder = folder or ssl.get_default_verify_paths().capath
    return folder is not None and any(Path(folder).iterdir())

"""``python -m changelog``, and the command that is installed."""

import sys


def run() -> None:
    """Run the program. Ctrl-C ends it quietly while it is still being imported, too."""
    try:
        from changelog.cli import main

        main.run()
    except KeyboardInterrupt:
        print("changelog: interrupted", file=sys.stderr)  # noqa: T201
        sys.exit(130)


if __name__ == "__main__":
    # Not where a worker process imports this module under another name.
    run()

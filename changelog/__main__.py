"""``python -m changelog``, and the command that is installed."""

import gc
import os
import sys


def run() -> None:
    """Run the program. Ctrl-C ends it quietly while it is still being imported, too."""
    # Imports and rows make few cycles, and none is looked for before the answer of a short command.
    gc.set_threshold(100_000)
    try:
        from changelog.cli import main

        if os.environ.get("_CHANGELOG_COMPLETE") == "complete_bash":
            from changelog.cli.completion import in_whole_words

            in_whole_words(main.run)
        else:
            main.run()
    except KeyboardInterrupt:
        print("changelog: interrupted", file=sys.stderr)  # noqa: T201
        sys.exit(130)


if __name__ == "__main__":
    # Not where a worker process imports this module under another name.
    run()

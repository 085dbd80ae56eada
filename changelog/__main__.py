"""``python -m changelog``: the same as the command."""

from changelog.cli.main import run

if __name__ == "__main__":
    # Not where a worker process imports this module under another name.
    run()

"""What the help of each command says of its exit codes; the codes: ``model/exits.py``."""

from collections.abc import Sequence


def help_end(example: str, codes: Sequence[int]) -> str:
    """Return the end of a command's help: an example, and its exit codes."""
    name = example.split()[1]
    rows = "\n".join(f"  {code:<4}{meaning(name, code)}" for code in codes)
    return f"\b\nExample:\n  {example}\n\n\b\nExit codes:\n{rows}"


_WORDS = {
    0: "success",
    1: "a bug in this program",
    2: "wrong or missing argument",
    3: "some or all DIDs could not be read; the rest is recorded",
    4: "something differs",
    5: "the log has no such DID, revision or tag",
    6: "the API gave no answer, or refused every key",
    7: "the log is damaged or has been altered",
    8: "the database cannot be used",
    130: "interrupted",
}

_NO_KEY = "wrong or missing argument, or no API key is set"
_KEPT = "interrupted; what was recorded is kept"
_FOUND = "success, also if nothing matches"
_CUT = "--deadline cut the answer short"
_NO_LOG = "there is no log yet"

_OF_COMMAND = {
    "record": {
        2: "wrong or missing argument, no API key, or a tag that is used already",
        5: "--all or --resume finds nothing in the log to fetch",
        130: f"{_KEPT}; --resume continues",
    },
    "list": {0: _FOUND, 3: _CUT, 5: "no such tag, or nothing is recorded at that time"},
    "show": {3: _CUT},
    "status": {3: _CUT, 5: _NO_LOG},
    "log": {0: _FOUND, 3: _CUT, 5: "the log has no such DID or tag"},
    "diff": {
        2: _NO_KEY,
        3: f"some or all DIDs could not be read, or {_CUT}",
        4: "something changed (only with --exit-code)",
        130: _KEPT,
    },
    "restore": {
        2: "wrong or missing argument; with --live, no API key is set",
        3: "with --live: some or all DIDs could not be read",
        5: "no such DID, or no earlier routing to go back to",
        6: "with --live: the API gave no answer, or refused every key",
        130: "interrupted; the answer holds what was read until then",
    },
    "deploy": {
        0: "CMD succeeded, and the routing is as expected",
        2: "wrong or missing argument, no API key, or a tag that is used already",
        3: "some DIDs could not be read before or after CMD",
        4: "with --expect: the routing is not what the file says",
        130: _KEPT,
    },
    "verify": {
        0: "the live routing is the expected one",
        2: _NO_KEY,
        3: "some or all DIDs could not be read, now or by the tag's capture",
        4: "the live routing is another one",
        130: _KEPT,
    },
    "watch": {
        0: "ended by SIGTERM; with --once, nothing changed",
        2: _NO_KEY,
        3: "with --once: some or all DIDs could not be read",
        4: "different: with --once, a DID changed, in its routing or in another field",
        5: "the log has no such DID, or --all finds none to watch",
        130: _KEPT,
    },
    "tag": {
        2: "wrong or missing argument, or a tag that is used already",
        5: "no such tag, or nothing is recorded yet",
    },
    "evidence": {
        3: "some of the bodies are no webhooks; the rest is stored",
        5: "nothing in the log to link any of the calls to",
    },
    "listen": {2: "wrong argument, or no webhook secret is set"},
    "web": {
        2: "wrong argument, or an address that cannot be used",
        5: "nothing is recorded yet in the default place",
        130: "ended by Ctrl-C",
    },
    "export": {
        2: "wrong argument, or the file exists already",
        5: _NO_LOG,
        7: "the journal is damaged, and so is the export; altered rows alone are exit code 0",
    },
    "import": {
        2: "wrong or missing argument, or a tag that is used already",
        3: "some of the files could not be read; the rest is stored",
        4: "the export and the log have diverged; nothing was imported",
        7: "the export is damaged",
        130: _KEPT,
    },
    "check": {0: "the log is intact", 5: _NO_LOG},
    "config": {2: "wrong argument, or a setting that cannot be used"},
    "prune": {5: _NO_LOG},
    "mirror": {130: "interrupted; what was copied is kept"},
    "db": {5: _NO_LOG},
    "sandbox": {2: "wrong argument, or a port that cannot be used", 130: "ended by Ctrl-C"},
}


def meaning(command: str, code: int) -> str:
    """Return what `code` means for `command`."""
    return _OF_COMMAND.get(command, {}).get(code, _WORDS[code])

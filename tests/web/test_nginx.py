"""The pages behind nginx, with a prefix and without, link by link, hostile ids too."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest

from changelog.model.text.sanitize import escape
from changelog.store.location import SqliteLocation
from changelog.web.pages.addresses import Addresses
from tests.html_page import Page
from tests.http_client import HttpAnswer, HttpClient
from tests.program import Program
from tests.web.serving import Serving
from tests.web.test_web_pages import HOSTILE_IDS, fill

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="NOT TESTED behind nginx: it is not installed"),
]
SITE = """
{user}daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location {location} {{ proxy_pass http://unix:{socket}{passed}; proxy_set_header Host $host; }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, web: Path, location: str, passed: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = folder / "nginx.conf"
    # As root, nginx's workers would be somebody who may not reach the socket.
    user = "user root; " if os.geteuid() == 0 else ""
    values = {"folder": folder, "port": port, "location": location, "socket": web}
    site.write_text(SITE.format(user=user, passed=passed, **values))
    assert NGINX is not None
    with subprocess.Popen([NGINX, "-c", str(site), "-p", str(folder)]) as process:
        try:
            for _ in range(200):
                with socket.socket() as client:
                    if client.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def crawl(url: str, start: str) -> dict[str, HttpAnswer]:
    seen: dict[str, HttpAnswer] = {}
    waiting = [start]
    with HttpClient(url) as client:
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            answer = seen[address] = client.get(address)
            if there := answer.headers["Location"]:
                waiting.append(urljoin(address, there))
            if answer.content and answer.headers["Content-Type"].startswith("text/html"):
                links = Page(answer.text).links
                waiting += [urljoin(address, link).partition("#")[0] for link in links]
    return seen


@pytest.mark.parametrize(
    ("prefix", "passed"),
    [("/", ""), ("/", ":/"), ("/change/log/", ":/"), ("/change/log/", "")],
    ids=["none", "none, rewritten", "taken away", "left"],
)
def test_every_link_leads_somewhere(tmp_path: Path, prefix: str, passed: str) -> None:
    place = SqliteLocation(tmp_path / "log.db")
    fill(place)
    program = Program(tmp_path / "home", database=place)
    web = tmp_path / "web.sock"
    public = f"http://127.0.0.1{prefix}"
    with (
        Serving(program, "--socket", str(web), "--public-url", public),
        nginx(tmp_path, web, prefix, passed) as url,
    ):
        seen = crawl(url, prefix)
        assert {answer.status for answer in seen.values()} <= {200, 303}
        assert all(address.startswith(prefix) for address in seen)
        for did in (*HOSTILE_IDS, "did_2"):
            card = seen[Addresses(prefix.rstrip("/")).did(did)]
            assert escape(did) in Page(card.text).text
            assert "NOW r2" in Page(card.text).text

"""The page in a real browser: it loads, a column is sorted by a click, pictures are taken in both schemes and sizes."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess

import pytest

from homotopy.report.html import page

pytestmark = pytest.mark.slow

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
CLICK = """<script>
var button = document.querySelectorAll("table.sortable th button")[%d];
button.click(); %s
var column = %d, rows = document.querySelector("table.sortable").tBodies[0].rows;
document.title = "order:" + Array.from(rows).map(function (r) { return r.cells[0].textContent; }).join("|");
</script></body>"""


def browser(*words, profile):
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "this test needs a browser: apt-get install chromium"
    call = [program, *FLAGS, f"--user-data-dir={profile}", *words]
    return subprocess.run(call, capture_output=True, text=True, check=True, timeout=600)


@pytest.fixture(scope="module")
def report(comparison, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(comparison), encoding="utf-8")
    return path


def order(report, tmp_path, column, clicks):
    text = report.read_text(encoding="utf-8").replace(
        "</body>", CLICK % (column, "button.click();" * (clicks - 1), column)
    )
    clicked = tmp_path / "clicked.html"
    clicked.write_text(text, encoding="utf-8")
    dom = browser("--dump-dom", f"file://{clicked}", profile=tmp_path / "profile").stdout
    return re.search(r"<title>order:(.*?)</title>", dom)[1].split("|")


def test_a_click_sorts_and_a_second_one_turns_it_round(report, tmp_path, comparison):
    problem = comparison.problems[0]
    rates = {s.method: s.rate.rate for s in comparison.summaries(problem)}
    up, down = order(report, tmp_path, 1, 1), order(report, tmp_path, 1, 2)
    assert sorted(up) == sorted(rates)
    assert [rates[m] for m in up] == sorted(rates.values())
    assert [rates[m] for m in down] == sorted(rates.values(), reverse=True)
    assert order(report, tmp_path, 0, 1) == sorted(rates)


@pytest.mark.parametrize(("width", "height"), [(1280, 2000), (390, 1600)])
@pytest.mark.parametrize("scheme", [0, 1])
def test_pictures_are_taken(report, tmp_path, width, height, scheme):
    picture = tmp_path / "page.png"
    browser(
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={scheme}",
        f"--screenshot={picture}",
        f"file://{report}",
        profile=tmp_path / "profile",
    )
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (width, height)
    assert len(data) > 30_000


def test_a_phone_scrolls_only_up_and_down(report, tmp_path):
    probe = "<script>document.title = 'wide:' + (document.documentElement.scrollWidth - innerWidth);</script></body>"
    path = tmp_path / "probe.html"
    path.write_text(report.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    dom = browser("--window-size=500,900", "--dump-dom", f"file://{path}", profile=tmp_path / "profile").stdout
    assert int(re.search(r"<title>wide:(-?\d+)</title>", dom)[1]) <= 0

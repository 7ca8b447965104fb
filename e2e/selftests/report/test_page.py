"""The report shows what needs an eye first, finds each check, runs nothing of a site's, and is for everybody"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import ConsoleMessage, Page, expect

from cookieproof.report import page as report
from cookieproof.report.files import write
from cookieproof.report.output import write_all
from cookieproof.report.results import Audited, Check, Results, Run
from selftests.support import made_up
from selftests.support.made_up import TIMELINE, attempt, broken, check, run

EVIL = "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>"
EVIL_TIMELINE = json.loads(
    json.dumps(TIMELINE).replace("session", EVIL.replace('"', '\\"')).replace("visitor 1", "<b>")
)
BECOMES_MARKUP = """html => {
  try { document.body.innerHTML = html; return "became markup" } catch (error) { return error.name }
}"""
FILES = [
    ("trace", "a/life 1.zip"),
    ("screenshot", "a/page.png"),
    ("video", "a/v.webm"),
    ("log", "a/site.log"),
    ("wire", "a/wire.txt"),
]


@pytest.fixture
def problems(page: Page) -> Iterator[list[str]]:
    """What the page's console says: a policy that is broken, a script that fails. A test that breaks none ends well."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    # The test itself tries to assign markup; Firefox says so late.
    assert [each for each in said if "require-trusted-types-for" not in each or "TypeError" in each] == []


def shown(page: Page, folder: Path, runs: list[Run], checks: list[Check], *remarks: str, words: str = "") -> None:
    """The report of these is written, and opened from the disk with these words after its "#"."""
    write_all(Results(runs=runs, checks=checks, remarks=remarks), folder, "report.html")
    page.goto("about:blank")
    page.goto(f"{(folder / 'report.html').as_uri()}{words}")


def serious(page: Page) -> list[str]:
    """What axe-core finds that keeps people out."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def shows_words(page: Page, words: list[str]) -> None:
    """The checks in view are these, in this order."""
    lines = [re.compile(rf"^\s*{re.escape(each)}\s*(\n|$)") for each in words]
    expect(page.locator("details.check .words")).to_have_text(lines, use_inner_text=True)


def some(folder: Path) -> tuple[list[Run], list[Check]]:
    one, two = run("chromium", (1, 2)), run("firefox", (2, 2))
    (folder / "a").mkdir()
    Image.new("RGB", (640, 360)).save(folder / "a" / "page.png")
    (folder / "a" / "site.log").write_text("GET /login 200\n" + EVIL)
    (folder / "a" / "wire.txt").write_text("Cookie: a=b\n" * 20_000 + "the end")
    failed = attempt(one, "broken", "E  AssertionError: it broke\nE  as it does", FILES)
    checks = [
        check(one, "is kept", group="Who must stay out"),
        check(two, "is kept", group="Who must stay out", differs=["how long: None (RFC 6265bis)"]),
        check(one, "is not run", attempt(one, "not run", "for want of it", timeline=None)),
        check(two, "passed at last", broken(two), attempt(two)),
        check(one, "breaks", failed),
    ]
    return [one, two], checks


def test_what_is_seen_and_found(page: Page, tmp_path: Path, problems: list[str]) -> None:
    shown(page, tmp_path, *some(tmp_path), "chromium: shard 2 of 2 is missing.")
    expect(page.get_by_role("heading", level=1)).to_have_text("1 broken, 1 flaky, 1 not run, 2 kept")
    expect(page.locator(".remarks")).to_have_text("chromium: shard 2 of 2 is missing.")
    # Failures come first and are open, the others are closed and not drawn.
    order = [
        "breaks [chromium]",
        "passed at last [firefox]",
        "is not run [chromium]",
        "is kept [chromium]",
        "is kept [firefox]",
    ]
    shows_words(page, order)
    expect(page.locator("details.check[open]")).to_have_count(1)
    expect(page.locator(".inside svg.timeline")).to_have_count(1)
    failure = page.locator("details.check[open]")
    expect(failure.locator("pre").first).to_contain_text("it broke\nE  as it does")
    expect(failure.get_by_role("img", name="visitor 1, cookie session: set, sent, ended.")).to_be_visible()
    expect(failure.get_by_text("playwright show-trace 'a/life 1.zip'")).to_be_visible()
    expect(failure.locator("video")).to_have_attribute("src", "./a/v.webm")
    links = [unquote(link.get_attribute("href") or "") for link in failure.get_by_role("link").all()]
    assert {f"./{path}" for _, path in FILES[:3]} <= set(links)
    failure.get_by_text("The site's log (site.log)").click()
    expect(failure.get_by_label("site.log")).to_contain_text("GET /login 200")
    failure.get_by_text("Every exchange (wire.txt)").click()
    expect(failure.get_by_label("wire.txt")).to_contain_text(re.compile(r"^… \(\d+ bytes before\)[\s\S]*the end$"))
    assert serious(page) == []
    # Keyboard: the summary of a check opens it, with each of its attempts.
    flaky = page.locator("details.check", has_text="passed at last")
    flaky.locator("summary").first.focus()
    page.keyboard.press("Enter")
    attempts = [
        "broken Attempt 1 of 2 · firefox, shard 2 of 2 · 0.3 s",
        "kept Attempt 2 of 2 · firefox, shard 2 of 2 · 0.3 s",
    ]
    # What opens is drawn a moment later ("toggle" is a task of its own: HTML, 4.11.1).
    expect(flaky.get_by_role("heading", level=4)).to_have_text(attempts, use_inner_text=True)
    # Filters, in the URL and from it.
    page.get_by_label("Search").fill("KEPT fire")
    expect(page.get_by_role("status")).to_have_text("1 of 5 checks")
    shows_words(page, order[4:])
    assert page.url.endswith("#?q=KEPT+fire")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("status")).to_have_text("5 checks")
    page.locator("label.toggle.kept").click()
    page.get_by_label("Project").select_option("chromium")
    shows_words(page, ["is kept [chromium]"])
    for words, found in {
        "#?outcome=flaky,broken": order[:2],
        "#?shard=2&group=A+cookie+ends": order[1:2],
        "#?q=it+broke": order[:1],
        "#?q=nothing": [],
    }.items():
        page.evaluate("words => { location.hash = words }", words)
        expect(page.get_by_role("status")).to_have_text(f"{len(found)} of 5 checks")
        shows_words(page, found)
    expect(page.get_by_text("No check is as the filter says.")).to_be_visible()
    # Engine beside engine.
    page.evaluate("location.hash = '#?view=engines'")
    rows = page.locator("table.engines tbody tr")
    expect(rows.filter(has_text="passed at last")).to_contain_text("not run")
    assert [cell.strip() for cell in rows.filter(has_text="is kept").locator(".badge").all_inner_texts()] == [
        "kept",
        "differs",
    ]
    assert serious(page) == []


def test_an_artifact_of_a_ci_shows_all_that_it_was_uploaded_with(
    page: Page, tmp_path: Path, problems: list[str]
) -> None:
    """It comes as a zip, and is unpacked anywhere."""
    uploaded, downloads = tmp_path / "uploaded", tmp_path / "artifact #1 (50 %)"
    uploaded.mkdir()
    runs, checks = some(uploaded)
    write_all(Results(runs=runs, checks=checks), uploaded, "report.html")
    shutil.make_archive(str(tmp_path / "artifact"), "zip", uploaded)
    shutil.rmtree(uploaded)
    shutil.unpack_archive(tmp_path / "artifact.zip", downloads)
    page.goto((downloads / "report.html").as_uri())
    failure = page.locator("details.check[open]")
    picture = failure.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    for link in failure.get_by_role("link").all():
        if (path := unquote(link.get_attribute("href") or "")).endswith((".png", ".log", ".txt")):
            assert (downloads / path).is_file()
    failure.get_by_text("The site's log (site.log)").click()
    expect(failure.get_by_label("site.log")).to_contain_text("GET /login 200")


def test_no_text_of_a_site_becomes_markup(page: Page, tmp_path: Path, problems: list[str]) -> None:
    one, two = run(f"a{EVIL}", notes=[EVIL]), run("b", why=EVIL, state="stopped", command=EVIL, commit=EVIL)
    failed = attempt(one, "broken", EVIL, [("log", "../x"), (EVIL, "javascript:document.title='run'")], EVIL_TIMELINE)
    evil = check(one, EVIL, failed, group=EVIL, place=EVIL, engine=EVIL, command=EVIL, differs=[EVIL])
    shown(page, tmp_path, [one, two], [evil, check(two, "is kept")], EVIL)
    before = page.title()
    for words in ("#?view=engines", f"#?q={'<b>'}", "#"):
        page.evaluate("words => { location.hash = words }", words)
    expect(page.locator(".inside pre")).to_have_text(EVIL)
    assert page.locator("main img, main script, main b, [onerror]").count() == 0
    assert "run" not in (before.split(" · ")[0], page.title())
    for link in page.locator(".files a").all():
        assert re.fullmatch(r"\./[^:]*", link.get_attribute("href") or "")
    # Whatever gets in by another way, the policy of the page keeps it from running.
    assert problems == []
    tried = page.evaluate(BECOMES_MARKUP, EVIL)
    if page.context.browser and page.context.browser.browser_type.name == "chromium":
        assert tried == "TypeError"
    problems.clear()
    assert page.title() == before


def test_an_audit_is_a_matrix_of_its_requirements(page: Page, tmp_path: Path, problems: list[str]) -> None:
    one = run()
    told = Audited(
        name="WSTG-SESS-06 signing out ends every copy",
        asvs="v5.0.0-7.4.1",
        level=1,
        sentence="The server refuses the session.",
        outcome="failed",
        text=f"a copy is accepted {EVIL}\n    step:      signed in",
    )
    kept = msgspec.structs.replace(told, name=f"WSTG-SESS-02 {EVIL}", outcome="passed", text="", asvs="")
    others = msgspec.structs.replace(told, outcome="warning")
    third = msgspec.structs.replace(others, name="WSTG-SESS-01 another")
    checks = [
        check(one, "a", broken(one), audited=told, id="a/test_it.py::test_ada[a]"),
        check(one, "b", audited=kept, id="a/test_it.py::test_ada[b]"),
        check(one, "c", audited=others, id=f"a/test_it.py::test_{EVIL}[a]"),
        check(one, "d", audited=third, id=f"a/test_it.py::test_{EVIL}[b]"),
    ]
    shown(page, tmp_path, [one], [*checks, check(one, "of no audit")])
    expect(page.get_by_text(": 2 warnings.")).to_be_visible()
    page.get_by_role("link", name="The matrix of requirements").click()
    matrix = page.get_by_role("region", name="The session audit")
    expect(matrix.locator("tbody tr:not(.group)")).to_have_count(3)
    expect(matrix.get_by_role("row", name="signing out")).to_contain_text("v5.0.0-7.4.1, level 1")
    expect(matrix.get_by_text("not in it")).to_have_count(2)  # of three requirements each audit has two
    outcome, evidence = matrix.get_by_role("button", name="failed: WSTG-SESS-06"), page.get_by_role("dialog")
    expect(evidence).to_have_count(0)
    outcome.focus()
    page.keyboard.press("Enter")
    expect(evidence).to_contain_text("step:      signed in")
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(evidence).to_have_count(0)
    expect(outcome).to_be_focused()
    assert page.locator("main img, main script, main b, [onerror]").count() == 0
    assert serious(page) == []
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Its check").click()
    expect(page.get_by_role("status")).to_have_text("1 of 5 checks")
    assert problems == []


def test_without_an_audit_there_is_no_page_of_one(tmp_path: Path) -> None:
    one = run()
    told = Audited(name="WSTG-SESS-06 x", asvs="", level=1, sentence="x", outcome="passed")
    for audited, is_there in ((told, True), (None, False)):
        write_all(Results(runs=[one], checks=[check(one, "a", audited=audited)]), tmp_path, "report.html")
        assert (tmp_path / "audit.html").exists() is is_there


@pytest.mark.parametrize("count", [0, 1])
def test_no_check_and_one(count: int, page: Page, tmp_path: Path, problems: list[str]) -> None:
    each = run()
    shown(page, tmp_path, [each], [check(each, "a promise")] * count)
    said = ["0 checks", "1 check"][count]
    expect(page.get_by_role("status")).to_have_text(said)
    expect(page.get_by_role("heading", level=1)).to_have_text(["Nothing was run", "1 kept"][count])
    assert page.title().startswith(["Nothing was run · ", "No promises broken · "][count])
    assert page.locator("select").count() == 0
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious(page) == []


def test_a_phone_shows_a_failure_without_scrolling_sideways(page: Page, tmp_path: Path, problems: list[str]) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="dark")
    shown(page, tmp_path, *some(tmp_path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # In a picture not the names alone are seen.
    for kind in ("set", "sent"):
        box = page.locator(f"svg.timeline .mark.is-{kind}").first.bounding_box()
        assert box and box["x"] + box["width"] <= 360, kind
    assert serious(page) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_a_lane_says_which_storage_it_is_of(width: int, page: Page, tmp_path: Path, problems: list[str]) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    column = {"label": "storage token", "kind": "storage", "time": "2026-01-01 12:00:00 UTC"}
    lanes = [
        {"who": "visitor 1", "name": "token", "where": where, "bars": [], "marks": [[0, "set", "seen as 1"]]}
        for where in ("localhost/", "localhost localStorage", "localhost sessionStorage", "shop.localhost IndexedDB")
    ]
    each = run()
    tried = attempt(each, "broken", timeline={"columns": [column], "lanes": lanes})
    shown(page, tmp_path, [each], [check(each, "a promise", tried)])
    names = page.locator("svg.timeline > text")
    for number, kind in enumerate(["", "localStorage", "sessionStorage", "IndexedDB"]):
        words = " ".join(names.nth(number).locator("tspan").all_text_contents()).split()  # without its title
        assert words == ["visitor", "1", *([kind] if kind else [])]
        box = names.nth(number).bounding_box()
        drawn = page.locator("svg.timeline .mark").nth(number).bounding_box()
        assert box and drawn and box["x"] + box["width"] <= drawn["x"], kind


IS_SEEN = """element => {
  const box = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


def test_a_keyboard_goes_from_row_to_row_and_from_page_to_page(page: Page, tmp_path: Path, problems: list[str]) -> None:
    each = run()
    shown(page, tmp_path, [each], [check(each, f"{number:03}") for number in range(250)])
    page.get_by_role("button", name="Next").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("page 2 of 2").first).to_be_visible()
    rows = page.locator(".check > summary")
    expect(rows.first).to_be_focused()
    assert rows.first.evaluate(IS_SEEN)
    for key, row in {"ArrowUp": 0, "ArrowDown": 1, "Tab": 2, "Shift+Tab": 1}.items():
        page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("svg.timeline")).to_be_visible()
    # Upwards, what has the focus does not lie below the form.
    rows.last.focus()
    for row in reversed(range(49)):
        page.keyboard.press("ArrowUp")
        expect(rows.nth(row)).to_be_focused()
        assert rows.nth(row).evaluate(IS_SEEN), row


def test_20000_checks_are_merged_and_opened_at_once(page: Page, tmp_path: Path, problems: list[str]) -> None:
    moments = [{"label": f"GET /a/path/{n}", "kind": "visit", "time": "2026-01-01 12:00:00 UTC"} for n in range(12)]
    marks = [[n, "set", "session=" + "x" * 50 + "; HttpOnly; Path=/"] for n in range(12)]
    lane = {"who": "visitor 1", "name": "session", "where": "localhost/", "bars": [[0, 11, "age"]], "marks": marks}
    folders = []
    for number in range(4):
        each = run("chromium", (number + 1, 4), tests=5000)
        tried = attempt(each, timeline={"columns": moments, "lanes": [lane]})
        checks = [check(each, f"promise {number} {n}", tried, group=f"Group {n % 40}") for n in range(5000)]
        folders.append(tmp_path / f"shard-{number}")
        folders[-1].mkdir()
        write(Results(runs=[each], checks=checks), folders[-1])
    assert len(tried.timeline) > 1800
    output = tmp_path / "merged"
    words = ["merge-reports", *map(str, folders), "--output", str(output), "--expect-shards", "4"]
    process = subprocess.Popen([sys.executable, "-m", "cookieproof", *words])
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = code
    assert code == 0
    # What it uses of the processor, which other work on the machine does not lengthen.
    assert used.ru_utime + used.ru_stime < 10
    assert used.ru_maxrss < 500_000  # kilobytes
    page.goto((output / "report.html").as_uri())
    expect(page.get_by_role("status")).to_have_text("20,000 checks")
    assert page.locator("details.check").count() == 200
    if page.context.browser and page.context.browser.browser_type.name == "chromium":
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        told = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        assert 0 < told["TaskDuration"] < 3
    page.get_by_role("button", name="Next").first.click()
    assert page.url.endswith("#?page=2")
    page.get_by_label("Search").fill("promise_3_4999")
    expect(page.get_by_role("status")).to_have_text("1 of 20,000 checks")
    shows_words(page, ["promise 3 4999 [chromium]"])
    page.locator("details.check summary").click()
    expect(page.locator("svg.timeline")).to_be_visible()


def test_a_suite_stays_small(tmp_path: Path) -> None:
    each = run()
    report.write(
        report.Report(tmp_path / "report.html", "", made_up.left_by(each, [check(each, f"{n}") for n in range(200)]))
    )
    assert (tmp_path / "report.html").stat().st_size < 400_000


def test_a_report_shows_logs_in_place_until_they_would_make_it_too_large(tmp_path: Path) -> None:
    each = run()
    (tmp_path / "site.log").write_text("GET /login 200\n" * 10_000)
    failed = attempt(each, "broken", "it broke", [("log", "site.log")], timeline=None)
    results = made_up.left_by(each, [check(each, f"{n}", failed) for n in range(250)])
    report.write(report.Report(tmp_path / "report.html", "", results))
    text = (tmp_path / "report.html").read_text()
    assert 190 < text.count("bytes before") < 210
    assert text.count("./site.log") == 250

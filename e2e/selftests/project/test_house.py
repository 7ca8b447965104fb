"""Modules and classes stay small, and each addition is one new file, which may be outside of the harness"""

from __future__ import annotations

import ast
import re
import subprocess
import sys

from selftests.support.project import E2E, Project, Result

MODULES = sorted((E2E / "cookieproof").rglob("*.py"))
MOST_LINES, MOST_LINES_OF_A_CLASS = 250, 200


def test_no_module_and_no_class_is_long() -> None:
    long: dict[str, int] = {}
    for module in MODULES:
        text = module.read_text()
        lengths = {
            f"class {node.name}": (node.end_lineno or 0) - node.lineno + 1
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ClassDef)
        }
        long |= {f"{module}, {name}": lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_CLASS}
        if (lines := len(text.splitlines())) > MOST_LINES:
            long[str(module)] = lines
    assert long == {}


def test_what_two_test_files_share_is_in_a_support_folder() -> None:
    """The shop's checks are no helpers: what is about them, such as a broken shop, imports them."""
    found = [
        f"{file}: {name}"
        for folder in ("tests", "selftests")
        for file in (E2E / folder).rglob("*.py")
        for name in re.findall(rf"^from ({folder}\.(?:\w+\.)*test_\w+) import", file.read_text(), re.M)
        if file.parent.name != "broken_shops"
    ]
    assert found == []


COMPOSED = {"Clock", "Sites", "Launcher", "Recorder", "ArtifactsRecorder", "Visitor"}


def test_only_the_harness_composes() -> None:
    """Else the plugin, a command or the benchmark has a browser that is not on the clock, say."""
    found = [
        (module.name, name)
        for module in [*MODULES, E2E / "bench.py"]
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in COMPOSED
    ]
    assert {module for module, _ in found} == {"harness.py"}
    assert {name for _, name in found} == COMPOSED


# By the names that the code gives them: objects of pytest, Flask, Python and others, whose fields are theirs to be set.
OF_OTHERS = {"answer", "app", "config", "connection", "item", "node", "option", "os", "own", "pytestconfig", "report"}
OF_OTHERS |= {"failure", "request", "server", "session", "sys", "templates", "tempfile", "test"}
CHANGES = {"add", "append", "clear", "discard", "extend", "insert", "pop", "remove", "setdefault", "update"}


def changed(node: ast.AST) -> list[ast.expr]:
    """What a statement sets, or changes by a method of a list, a set or a dict."""
    if isinstance(node, ast.Assign):
        return [each for target in node.targets for each in getattr(target, "elts", [target])]
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return [node.target]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        return [node.func.value]
    return []


def whose(field: ast.expr) -> str:
    """The name of the object that has this field; an empty text for a variable, and for a field of one's own."""
    while isinstance(field, ast.Subscript):
        field = field.value
    if not isinstance(field, ast.Attribute) or getattr(field.value, "id", "") in ("self", "cls"):
        return ""
    root: ast.AST = field
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    return getattr(root, "id", "?")


def test_nobody_sets_the_fields_of_another() -> None:
    found = [
        f"{module.name}:{field.lineno}: {ast.unparse(field)}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        for field in changed(node)
        if whose(field) not in {"", *OF_OTHERS}
    ]
    assert found == []


def test_a_sites_process_imports_neither_pytest_nor_playwright() -> None:
    asked = "import sys, cookieproof.site.child; print({'pytest', '_pytest', 'playwright'} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said == "set()\n"


TOYS = '''
import http.server
import threading

from dataclasses import replace

from markupsafe import Markup

from cookieproof.browser.chromium import CHROMIUM
from cookieproof.browser.endings import Running
from cookieproof.browser.engines import ENGINES
from cookieproof.browser.launcher import wait_for_exit
from cookieproof import CookieproofError
from cookieproof.report.columns import COLUMNS, Cell
from cookieproof.report.page import SECTIONS
from cookieproof.promises.expectations import Expectation
from cookieproof.promises.judging import Failure
from cookieproof.promises.steps import Restart
from cookieproof.promises import parts
from cookieproof.promises.scenarios import SCENARIOS
from cookieproof import Site
from cookieproof.site.kinds import KINDS
from cookieproof.site.recorder.hosts import Hosts
from cookieproof.site.recorder.upstream import Address

TOY = replace(CHROMIUM, name="toy", title="Toy", flags=(*CHROMIUM.flags, "--user-agent-of-a-toy"))


class Letters:
    """A column of the cross-browser table: how long the promise's words are."""

    heading, remark = "letters", "spaces count"

    def cell(self, promise):
        return Cell(f"{len(promise.words)} in {len(promise.cases)}")


class Seconds:
    """A section of the report: how many checks there were, and the longest's name."""

    def html(self, run, templates):
        longest = max(run.checks, key=lambda check: check.seconds)
        return Markup("<p>{} checks, the longest: {}").format(len(run.checks), longest.words)


class TabByTab:
    """An ending: every tab is closed before the browser is."""

    name = "tab-by-tab"
    restores = False

    def check(self, engine, *, headed):
        pass

    def end(self, running):
        for page in running.context.pages[1:]:
            page.close()
        running.context.close()
        wait_for_exit(running.pid)


class ToBeShort(Expectation):
    """An expectation: the value has few characters."""

    def __init__(self, most):
        self.most = most

    def check(self, state):
        value = state.sent.get(state.name)
        if value is None:
            return Failure("should be short, but is not sent", state.why_not_there(), hint=True)
        return None if len(value) <= self.most else Failure(f"should have at most {self.most} characters")


class RestartedTwice:
    """A scenario of a lifetime: the browser is closed once more than usual."""

    name = "restarted twice"
    asked = []

    def applies_to(self, lifetime, *, moves_clock):
        return True

    def steps(self, run):
        yield from parts.cookie_set(run)
        yield Restart()
        yield Restart()
        self.asked.append(run.lifetime.name)
        yield from parts.is_gone(run, "is still sent after two restarts")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Set-Cookie", "toy=four")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>a toy")

    def log_message(self, *words):
        pass


class ToySite(Site):
    """A kind of site: Python's own server."""

    def __init__(self, sites, server):
        hosts = Hosts(("localhost",), (server.port,))
        super().__init__(sites.clock, sites.recorder, sites.recorder.record(server, hosts))
        self.port = server.port

    @classmethod
    def asked_for(cls, spec):
        if not spec.marker or "toy" not in spec.marker.kwargs:
            return None
        return lambda sites: cls(sites, sites.keep(cls, lambda folder: Server()))

    @property
    def url(self):
        return self.at("localhost")

    def at(self, host, *, https=None):
        return f"http://{host}:{self.port}"

    def origin_of(self, url):
        return self.url if url.startswith(self.url) else None

    def _cannot(self, what):
        return CookieproofError(f"A toy cannot {what}.")


class Server:
    forwarded = False

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def address(self, scheme, host, port):
        return Address("127.0.0.1", self.port)

    def why_unreachable(self):
        return ""

    def stop(self):
        pass  # it asks nobody for the time

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
'''
ADDED = """
from toys import COLUMNS, ENGINES, KINDS, SCENARIOS, SECTIONS, TOY, Letters, RestartedTwice, Seconds, ToySite

ENGINES["toy"] = TOY
KINDS.insert(0, ToySite)
SCENARIOS.append(RestartedTwice())
COLUMNS.append(lambda projects: [Letters()])
SECTIONS.append(Seconds())
"""
# A command imports no conftest.py: whoever adds to its table starts it from a file of their own.
COMMAND = (
    ADDED
    + """
from cookieproof.__main__ import main

main()
"""
)
SETTINGS = """
web_server = {"app": "app:create_app"}
projects = [{"name": "toys", "use": {"channel": "toy"}}]
"""
TESTS = """
import pytest

from cookieproof import WITH_THE_BROWSER, CookieproofError, Lifetime, prove_lifetimes
from toys import RestartedTwice, TabByTab, ToBeShort


def test_an_ending(visitor):
    visitor.goto("/")
    visitor.context.new_page()
    visitor.close(how=TabByTab())
    visitor.open()
    expect_cookie(visitor, "seen").not_to_be_sent()


def test_an_engine_and_an_expectation(visitor):
    assert visitor.engine.title == "Toy"
    visitor.goto("/")
    expect_cookie(visitor, "seen").to(ToBeShort(3))
    with pytest.raises(AssertionError, match='cookie "seen" should have at most 2 characters'):
        expect_cookie(visitor, "seen").to(ToBeShort(2))


test_lifetimes = prove_lifetimes([Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER)])


def test_a_scenario():
    assert RestartedTwice.asked == ["seen"]


@pytest.mark.site(toy=True)
def test_a_kind_of_site(visitor, site):
    visitor.goto("/")
    expect_cookie(visitor, "toy").to_be_sent(value="four")
    visitor.restart()
    expect_cookie(visitor, "toy").not_to_be_sent()
    with pytest.raises(CookieproofError, match="A toy cannot be restarted."):
        site.restart()
"""


def test_one_of_each_seam_is_added_from_outside(project: Project) -> None:
    (project.folder / "toys.py").write_text(TOYS)
    (project.folder / "conftest.py").write_text(ADDED)
    (project.folder / "with_toys.py").write_text(COMMAND)
    (project.folder / "playwright.config.py").write_text(SETTINGS)
    project.test(TESTS)
    code, output = project.command("with_toys", "cross-browser", "--", *project.ARGUMENTS)
    assert code == 0, output
    Result(code, output).assert_outcomes(passed=5)
    assert re.search(r"^browser starts: (\d+) \(\1 of Toy \d[\d.]+\)$", output, re.M), output
    assert output.partition("\npromise")[2].splitlines()[:-1] == [
        "                         toys     letters",
        "test_it.py",
        "  an ending                     kept     9 in 1",
        "  an engine and an expectation  kept     28 in 1",
        "  a kind of site                kept     14 in 1",
        "  lifetimes [seen]              kept     16 in 1",
        "letters: spaces count",
    ]
    report = (project.folder / "test-results" / "toys" / "report.html").read_text()
    assert re.search(r"<p>4 checks, the longest: \w+", report)

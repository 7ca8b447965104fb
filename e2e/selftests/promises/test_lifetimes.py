"""Every way to break a declared lifetime is noticed, without the others, and said with its timeline"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, CookieproofError, Lifetime, NewVisitor, Visitor, prove_lifetimes
from cookieproof.plugin.options import seconds_for
from cookieproof.plugin.together import first_of
from cookieproof.promises.prove import prove
from selftests.support.project import Project

CROWD = "+".join(f"c{n}" for n in range(39))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOR_EVER, LAST_DAY = "Max-Age=99999999999", "Expires=Fri, 31 Dec 9999 23:59:59 GMT"
TILL_9999 = f"/header?set=till_9999=1; Path=/; {LAST_DAY}"


def by_hand(visitor: Visitor) -> None:
    visitor.goto("/set/by_hand?age=3600")


def at_another_host(visitor: Visitor) -> None:
    visitor.page.goto("/set/elsewhere")


def with_a_wrong_assertion(visitor: Visitor) -> None:
    visitor.goto("/")
    assert visitor.page.title() == "Welcome"


def closing_the_browser(visitor: Visitor) -> None:
    visitor.goto("/set/closed")
    visitor.close()


def moving_the_clock(visitor: Visitor) -> None:
    visitor.clock.advance(days=1)


def crashing_its_page(visitor: Visitor) -> None:
    visitor.goto("/set/crashed")
    visitor.page.goto("chrome://crash" if visitor.engine.browser == "chromium" else "about:crashcontent")


def ending_the_browser(visitor: Visitor) -> None:
    visitor.goto("/set/ended")
    visitor.context.close()


KEPT = [
    Lifetime("plain", set_by="/set/plain", lasts=WITH_THE_BROWSER, deleted_by="/delete/plain"),
    Lifetime("aged", set_by="/set/aged?age=3600", lasts=HOUR, deleted_by="/delete/aged"),
    Lifetime("short", set_by="/set/short?age=40", lasts=timedelta(seconds=40)),
    Lifetime("longest", set_by="/set/longest?age=34560000", lasts=timedelta(days=400)),
    Lifetime("sliding", set_by="/set/sliding?age=3600", lasts=HOUR, renewed_by="/"),
    Lifetime("on_demand", set_by="/set/on_demand?age=60", lasts=HOUR / 60, renewed_by="/set/on_demand?age=60"),
    Lifetime("in_an_area", set_by="/set/in_an_area?age=3600&path=/area", lasts=HOUR, path="/area/"),
    Lifetime("by_script", set_by="/script/by_script", lasts=HOUR),
    Lifetime("for_ever", set_by=f"/header?set=for_ever=1; Path=/; {FOR_EVER}", lasts=400 * DAY),
    Lifetime("till_9999", set_by=TILL_9999, lasts=400 * DAY, renewed_by=TILL_9999),
    Lifetime("grüße", set_by="/set/grüße?age=3600", lasts=HOUR, renewed_by="/set/grüße?age=3600"),
    # More cookies than a browser keeps of one site
    *(Lifetime(f"first{n}", set_by=f"/set/first{n}+{CROWD}", lasts=WITH_THE_BROWSER) for n in range(5)),
    Lifetime("by_hand", set_by=by_hand, lasts=HOUR, renewed_by=by_hand),
]
BROKEN = [
    (
        Lifetime("Itcast1", set_by="/set/Itcast_1", lasts=WITH_THE_BROWSER),
        r'but is never set by /set/Itcast_1\. Did you mean "Itcast_1"\?\n',
    ),
    (Lifetime("nowhere", set_by="/nowhere", lasts=HOUR), r"but GET /nowhere answered 404: name a page in set_by=\."),
    (
        Lifetime("refused", set_by="/set/refused?samesite=None", lasts=WITH_THE_BROWSER),
        r"but is refused by the browser, since it has SameSite=None without Secure\.\n(.*\n)+"
        r".*Set-Cookie: refused=1; Path=/; SameSite=None\n",
    ),
    (
        Lifetime("outlives", set_by="/set/outlives?age=3600", lasts=WITH_THE_BROWSER),
        r"should end with the browser, but is still sent after the browser was closed and opened again\.",
    ),
    (
        Lifetime("brief", set_by="/set/brief?age=1", lasts=WITH_THE_BROWSER),
        # As fast as this machine is: after the restart, or before it.
        r"should end with the browser, but is set with an age, which (was over by chance when|is over already)",
    ),
    (
        Lifetime("without_age", set_by="/set/without_age", lasts=HOUR),
        r"should last 1 hour, but is not sent after the browser was closed and opened again\.\n  left alone, at .*\n"
        r"(.*\n)+.* not sent to /\n.* the browser holds no such cookie",
    ),
    (
        Lifetime("too_short", set_by="/set/too_short?age=3585", lasts=HOUR),
        r"should last 1 hour, but is not sent \d+ seconds before its end\.",
    ),
    (
        Lifetime("too_long", set_by="/set/too_long?age=3615", lasts=HOUR),
        r"should last 1 hour, but is still sent \d+ seconds after its end\.\n(.*\n)+.*holds too_long=1 for .* until ",
    ),
    (
        Lifetime("two_years", set_by="/set/two_years?age=63072000", lasts=timedelta(days=730)),
        r"but is not sent \d+ seconds before its end: browsers keep no cookie for more than 400 days",
    ),
    (
        Lifetime("not_for_ever", set_by=f"/header?set=not_for_ever={'v' * 2000}; Path=/; {LAST_DAY}", lasts=4000 * DAY),
        r"should last 4000 days, but is not sent .* before its end: browsers keep no cookie for more than 400 days.*\n"
        r"  left alone, at .*:\n(    .*\n)*    .*Set-Cookie: not_for_ever=v{40}… \(2000 characters, sha256 \w{8}\); "
        r"Path=/; (.*\n)+  visited soon and late, at ",
    ),
    (
        Lifetime("not_sliding", set_by="/set/not_sliding?age=3600", lasts=HOUR, renewed_by="/"),
        r"but / does not renew it soon after it was set\.\n  visited soon and late, at (.*\n)+"
        r"  visited half way, at .* but / does not renew it half-way to its end\.",
    ),
    (
        Lifetime("sliding", set_by="/set/sliding?age=3600&undeclared", lasts=HOUR),
        r'but a visit to / soon after it was set renews it: declare renewed_by="/", or mend the site\.',
    ),
    (
        Lifetime("renewed", set_by="/set/renewed?age=3600", lasts=HOUR, renewed_by="/set/renewed?age=2500"),
        # More exactly 15 minutes 20 seconds, and 41 minutes 40 seconds: a visit takes its time.
        r"(?s)but a visit to /set/renewed\?age=2500 soon after it was set has it end 1[45] minutes.* sooner\..*"
        r"  visited half way, at .*, but /set/renewed"
        r"\?age=2500 renews it for only 41 minutes [45]\d seconds half-way to its end\.",
    ),
    (
        Lifetime("renewed", set_by="/set/renewed?age=3600", lasts=HOUR, renewed_by="/set/renewed?age=3700"),
        r"but is still sent \d+ seconds after its end\.\n  visited half way, at ",
    ),
    (
        Lifetime("Itcast_1", set_by="/set/Itcast_1", lasts=WITH_THE_BROWSER, deleted_by="/delete/Itcast1"),
        r'but /delete/Itcast1 does not delete it: no response deleted it, .* did you mean "Itcast_1"\?\n  deleted, at ',
    ),
    (
        Lifetime("elsewhere", set_by="/set/elsewhere", lasts=WITH_THE_BROWSER, deleted_by="/delete/elsewhere?path=/b"),
        r"does not delete it: it lives on: it was set for the path / and deleted for the path /b\.",
    ),
    (
        Lifetime("comes_back", set_by="/set/comes_back", lasts=WITH_THE_BROWSER, deleted_by="/delete/comes_back"),
        r"but is sent again after its deletion, once the browser was closed and opened\.",
    ),
    (
        Lifetime("elsewhere", set_by=at_another_host, lasts=WITH_THE_BROWSER),
        r"but at_another_host did not visit .*, the host that this lifetime has to itself: have it begin with ",
    ),
    (
        Lifetime("asserted", set_by=with_a_wrong_assertion, lasts=WITH_THE_BROWSER, deleted_by="/delete/asserted"),
        r"(?s)but with_a_wrong_assertion failed: AssertionError: .*test_lifetimes\.py:\d+: assert visitor\.page\.",
    ),
    (
        Lifetime("closed", set_by=closing_the_browser, lasts=WITH_THE_BROWSER),
        r"failed: CookieproofError: closing_the_browser shares this browser .*: it may visit, but not end the ",
    ),
    (
        Lifetime("moved", set_by="/set/moved?age=3600", lasts=HOUR, renewed_by=moving_the_clock),
        r"failed: CookieproofError: moving_the_clock shares this browser .*: it may visit, but not move the clock\.",
    ),
    (Lifetime("crashed", set_by=crashing_its_page, lasts=WITH_THE_BROWSER), r"crashing_its_page failed: Error: "),
    (
        Lifetime("ended", set_by=ending_the_browser, lasts=WITH_THE_BROWSER),
        r"but ending_the_browser ended the browser: ",
    ),
]


@pytest.mark.timeout(seconds_for(len(KEPT + BROKEN)))
@pytest.mark.site("../apps/lifetimes.py:create_app")
def test_each_verdict_is_right_and_spoils_no_other(new_visitor: NewVisitor, clock: Clock) -> None:
    visitors: list[Visitor] = []

    def one() -> Visitor:
        visitors.append(visitor := new_visitor())
        restart = visitor.restart

        def restart_and_bring_back() -> None:
            hosts = {each.host for each in visitor.wire if each.path == "/delete/comes_back"}
            restart()
            url = visitor.site.at(hosts.pop())
            visitor.context.add_cookies([{"name": "comes_back", "value": "1", "url": url}])

        visitor.restart = restart_and_bring_back  # type: ignore[method-assign]
        return visitor

    verdicts = prove([*KEPT, *(lifetime for lifetime, _ in BROKEN)], one, clock)
    assert {str(each): verdicts[each].text for each in KEPT if verdicts[each].outcome != "kept"} == {}
    wrong = [verdicts[each].text for each, says in BROKEN if not re.search(says, verdicts[each].text)]
    assert not wrong, "\n".join(wrong)
    headlines = {each: verdicts[each].text.count(f"{each}, should {each.promise}, but ") for each, _ in BROKEN}
    assert {each: count for each, count in headlines.items() if count != 1} == {}
    # Whoever ended the browser had the rest begin anew, once; who has been to a host of all has a browser to itself.
    assert [visitor.life for visitor in visitors] == [1, 1, 2]


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"set_by": "set"}, 'cookie "c", set by set: set_by="set" is no path of the site: spell it "/set".'),
        ({"deleted_by": "out"}, 'deleted_by="out" is no path'),
        ({"path": ""}, 'path="" is no path of the site: spell it "/".'),
        ({"lasts": timedelta(seconds=5)}, "lasts=timedelta(seconds=5) is too short to be proven"),
        (
            {"lasts": timedelta.max},
            "lasts=timedelta.max is more than 40 years, further than the clock goes: browsers keep",
        ),
        ({"lasts": 3600}, "lasts=3600 is neither a timedelta nor WITH_THE_BROWSER."),
        ({"renewed_by": "/"}, "has no end that could be renewed: leave out renewed_by."),
    ],
)
def test_what_cannot_be_proven_is_refused(declared: dict[str, Any], says: str) -> None:
    with pytest.raises(CookieproofError, match=re.escape(says)):
        Lifetime("c", **{"set_by": "/", "lasts": WITH_THE_BROWSER, **declared})


def test_a_list_of_none_is_refused() -> None:
    with pytest.raises(CookieproofError, match="proves nothing"):
        prove_lifetimes([])


def test_a_test_has_its_cookies_name_and_stands_where_it_was_declared() -> None:
    test: Any = prove_lifetimes([KEPT[0], KEPT[1], BROKEN[-1][0], Lifetime("plain", set_by="/", lasts=DAY)])
    [mark] = [each for each in test.pytestmark if each.name == "parametrize"]
    assert mark.kwargs["ids"] == ["plain, /set/plain", "aged", "ended", "plain, /"]
    assert test.__code__.co_filename == __file__


DECLARED = """
from datetime import timedelta
from cookieproof import Lifetime, WITH_THE_BROWSER, prove_lifetimes

test_lifetimes = prove_lifetimes([
    Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER),
    Lifetime("late", set_by="/", lasts=timedelta(days=1)),
    *(Lifetime(f"c{n}", set_by=f"/?c{n}", lasts=timedelta(days=n + 1), renewed_by=f"/?c{n}") for n in range(6)),
])
"""
APP = """
import flask

def create_app():
    app = flask.Flask(__name__)

    @app.get("/")
    def home():
        response = flask.make_response("hello")
        response.set_cookie("seen", "yes")
        for name in flask.request.args:
            response.set_cookie(name, "yes", max_age=86400 * (int(name[1:]) + 1))
        return response

    return app
"""


def test_one_worker_runs_the_schedule_for_all(project: Project) -> None:
    project.test(DECLARED)
    (project.folder / "app.py").write_text(APP)
    result = project.run("--site", "app:create_app", "-n", "2", "--dist", "each")
    code, output = result
    assert code == 1
    result.assert_outcomes(failed=2, passed=14)  # each worker ran all
    assert "FAILED test_it.py::test_lifetimes[late]" in output
    assert 'cookie "late", set by /, should last 1 day, but is never set by /.' in output
    assert re.search(r"^browser starts: 2 ", output, re.M), output
    assert project.left_behind() == []


def test_chosen_alone_it_is_proven_alone(project: Project) -> None:
    project.test(DECLARED)
    (project.folder / "app.py").write_text(APP)
    code, output = project.run("--site", "app:create_app", "-k", "seen", "--timeout", "0.1")
    assert code == 0, output  # it has the time that all of them need
    assert re.search(r"^browser starts: 2 ", output, re.M), output  # and no clock


@pytest.mark.proven_together("lifetime")
@pytest.mark.parametrize("engine", ["one", "another"])
@pytest.mark.parametrize("lifetime", ["Itcast_1", "session"])
def test_other_parameters_have_their_own_schedule(engine: str, lifetime: str, request: pytest.FixtureRequest) -> None:
    alike = [item for item in request.session.items if first_of(item) is first_of(request.node)]
    assert {item.callspec.params["engine"] for item in alike} == {engine}  # type: ignore[attr-defined]
    assert {item.callspec.params["lifetime"] for item in alike} == {"Itcast_1", "session"}  # type: ignore[attr-defined]

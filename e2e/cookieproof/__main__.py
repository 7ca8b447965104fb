"""``python -m cookieproof``: the commands besides pytest. ``--help`` lists them."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from pathlib import Path

from cookieproof.browser.engines import ENGINES
from cookieproof.commands import audit, cross_browser, discover, doctor, merge_reports
from cookieproof.commands.install import PROGRAMS, install_all
from cookieproof.errors import CookieproofError


def main() -> None:
    """Run the command that ``sys.argv`` names, and exit with its exit code; an error is printed as a sentence."""
    parser = argparse.ArgumentParser(prog="python -m cookieproof", description="Cookies and sessions in real browsers.")
    commands = parser.add_subparsers(dest="command", required=True)
    get = commands.add_parser(
        "install", help="get browsers, unless they are here, start each once, and compile the clock"
    )
    get.add_argument(
        "what",
        nargs="*",
        choices=[*ENGINES, *PROGRAMS, []],  # [] is what argparse checks if nothing is named
        metavar="BROWSER",
        help=f"{', '.join(ENGINES)}; or xvfb, a screen for headed runs, or redis (default: chromium)",
    )
    get.add_argument(
        "--stamps", type=Path, metavar="FOLDER", help="leave an empty file there for each that works, named after it"
    )
    across = commands.add_parser("cross-browser", help="run one project of playwright.config.py after another")
    across.add_argument("projects", nargs="*", metavar="PROJECT", help="their names (default: all that can be had)")
    examine = commands.add_parser("doctor", help="try out what works here, and say what to do about what does not")
    examine.add_argument("browsers", nargs="*", choices=[*ENGINES, []], metavar="BROWSER", help="these (default: all)")
    look = commands.add_parser("discover", help="visit a site, and print a test file with the lifetimes of its cookies")
    look.add_argument(
        "site",
        nargs="?",
        default="",
        metavar="SITE",
        help="an app, spelled as flask --app does, or the URL of what somebody else runs (default: what is configured)",
    )
    look.add_argument("--command", dest="serves", default="", metavar="COMMAND", help="what serves it, at {port}")
    look.add_argument(
        "--visit", nargs="+", action="extend", default=[], metavar="PATH", help="the pages to visit (default: /)"
    )
    judge = commands.add_parser("audit", help="audit the sessions of a site against OWASP's WSTG and ASVS")
    judge.add_argument("account", metavar="ACCOUNT", help="an Account of yours: signing.py:ACCOUNT")
    judge.add_argument(
        "--site", default="", metavar="SITE", help="an app, spelled as flask --app does, or a URL (default: configured)"
    )
    judge.add_argument("--command", dest="serves", default="", metavar="COMMAND", help="what serves it, at {port}")
    judge.add_argument("--level", type=int, choices=(1, 2, 3), default=2, help="the level of ASVS (default: 2)")
    judge.add_argument("--attempts", type=int, metavar="N", help="how many sign-ins the site allows")
    judge.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="ROW=REASON",
        help='accept a requirement, named by its ASVS id or as it is printed: "v5.0.0-3.3.3=shared with the help desk"',
    )
    judge.add_argument("--strict", action="store_true", help="let a warning fail")
    merge = commands.add_parser("merge-reports", help="make one report of the runs that lie in these folders")
    merge.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="output folders of runs, or folders above")
    merge.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new folder for the merged report")
    merge.add_argument("--expect-shards", type=int, metavar="N", help="so many shards each project must have")
    merge.add_argument(
        "--expect-projects",
        nargs="+",
        action="extend",
        default=[],
        metavar="PROJECT",
        help="these must be there (last, or before another option)",
    )
    merge.add_argument("--fail-on-flaky", action="store_true", help="exit with 1 if a check is flaky")
    look.add_argument("--sign-in", default="", metavar="FUNCTION", help="signs a visitor in: signing.py:signing_in")
    look.add_argument("--sign-out", default="", metavar="FUNCTION", help="signs them out: signing.py:signing_out")
    own, for_pytest = _split(sys.argv[1:])
    arguments = parser.parse_args(own)
    if isinstance(sys.stdout, io.TextIOWrapper):  # what it cannot spell is escaped, as Python reads it again
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if arguments.command == "cross-browser":
            sys.exit(cross_browser.main(arguments.projects, for_pytest))
        if arguments.command == "merge-reports":
            sys.exit(
                merge_reports.main(
                    arguments.folders,
                    arguments.output,
                    merge_reports.Expected(arguments.expect_shards, arguments.expect_projects),
                    fail_on_flaky=arguments.fail_on_flaky,
                )
            )
        if arguments.command == "audit":
            asked = audit.Arguments(
                arguments.account,
                arguments.site,
                arguments.serves,
                arguments.level,
                arguments.attempts,
                arguments.accept,
                arguments.strict,
            )
            sys.exit(audit.main(asked))
        if arguments.command == "doctor":
            sys.exit(doctor.main(arguments.browsers or ENGINES))
        if arguments.command == "discover":
            named = discover.Arguments(
                arguments.site, arguments.serves, arguments.visit, arguments.sign_in, arguments.sign_out
            )
            print(discover.main(named))
            return
        names = arguments.what or ["chromium"]
        errors = install_all(names)
        for name in set(names) - set(errors) if arguments.stamps else ():
            (arguments.stamps / name).touch()
        if errors:
            sys.exit("\n".join(map(str, errors.values())))
    except CookieproofError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the arguments before "--", which are this command's, and those after "--", which are pytest's."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


if __name__ == "__main__":
    main()

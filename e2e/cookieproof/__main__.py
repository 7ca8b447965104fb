"""``python -m cookieproof install`` gets a browser and starts it once, and compiles the clock."""

from __future__ import annotations

import argparse
import sys

from cookieproof.engines import ENGINES
from cookieproof.errors import CookieproofError
from cookieproof.install import install, prepare_clock


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cookieproof", description="Cookies and sessions in real browsers.")
    commands = parser.add_subparsers(dest="command", required=True)
    get = commands.add_parser("install", help="get a browser, unless there is one, start it once, compile the clock")
    get.add_argument("browser", nargs="?", choices=ENGINES, default="chromium")
    engine = ENGINES[parser.parse_args().browser]
    try:
        print(f"{install(engine)} works.")
        prepare_clock()
    except CookieproofError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

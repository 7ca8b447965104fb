"""``python -m cookieproof install`` gets a browser and starts it once."""

from __future__ import annotations

import argparse
import sys

from cookieproof.errors import CookieproofError
from cookieproof.install import install


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cookieproof", description="Cookies and sessions in real browsers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="get a browser, unless there is one, and start it once")
    parser.parse_args()
    try:
        print(f"{install()} works.")
    except CookieproofError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

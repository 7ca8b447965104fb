"""What `make e2e` runs against, as playwright.config.ts is to Playwright Test.

docs/configuration.md explains every key. A command-line option wins.
"""

from cookieproof.settings import Project, Use, WebServer

web_server: WebServer = {
    "app": "site/shop:create_app",
    # Only for tests. A real site reads its key from the environment and keeps it secret.
    "config": {"SECRET_KEY": "a key for the tests, and for nothing else", "DATABASE": "{tmp}/shop.sqlite"},
}

use: Use = {"browser": "chromium"}

# One run is one project: the first, or the one that --project names. `make cross-browser` runs them all.
projects: list[Project] = [
    {"name": "chromium"},
    {"name": "headless-shell", "use": {"channel": "chromium-headless-shell"}},
    {"name": "chrome", "use": {"channel": "chrome"}},
    {"name": "msedge", "use": {"channel": "msedge"}},
    {"name": "firefox", "use": {"browser": "firefox"}},
    {"name": "webkit", "use": {"browser": "webkit"}},
]

timeout = 120_000
output_dir = "test-results"

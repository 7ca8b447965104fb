"""What `make e2e` runs against, as playwright.config.ts is to Playwright Test.

A command-line option wins: --site, --browser, --output.
"""

from cookieproof.settings import Use, WebServer

web_server: WebServer = {
    "app": "site/shop:create_app",
    # For tests alone. A real site reads its key from the environment and keeps it secret.
    "config": {"SECRET_KEY": "a key for the tests, and for nothing else"},
}

use: Use = {"browser": "chromium"}

output_dir = "test-results"

"""What Playwright switches off in Chromium."""

from __future__ import annotations

from cookieproof.browser.switched_off.switched_off import (
    EXTENSIONS,
    HIDDEN_TABS,
    HTTPS_FIRST,
    IN_PARALLEL,
    NO_CALLS,
    NO_EXTENSIONS,
    NO_QUESTIONS,
    POP_UPS,
    WARNINGS,
    WITHOUT_A_CLICK,
    SwitchedOff,
)

FOR_PLAYWRIGHT = "Playwright would lose sight of requests or pages"

# In the order in which docs/browsers.md shows them.
CHROMIUM = (
    SwitchedOff(
        ("--disable-back-forward-cache",),
        FOR_PLAYWRIGHT,
        "Back would ask the site for each page, and never show what stays in memory after a sign-out",
        on=True,
    ),
    SwitchedOff(
        ("ThirdPartyStoragePartitioning",),
        "it kept extensions of Playwright's users from their frames",
        "a frame of another site would have no storage, or share it with that site's own pages",
        on=True,
    ),
    SwitchedOff(
        ("HttpsUpgrades",),
        "Chromium would try https first at each http address",
        HTTPS_FIRST,
    ),
    SwitchedOff(
        ("BlockOriginHeaderModificationOnRedirect", "AvoidCorsURLLoaderRestartOnRedirect"),
        "requests that a test intercepts (page.route) would fail at redirects",
        "a redirect of a fetch across origins that people's Chromium refuses",
    ),
    SwitchedOff(
        ("PaintHolding", "AvoidUnnecessaryBeforeUnloadCheckSync"),
        FOR_PLAYWRIGHT,
        "for how long the page before stays on the screen",
    ),
    SwitchedOff(
        ("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
        IN_PARALLEL,
        HIDDEN_TABS,
    ),
    SwitchedOff(("--disable-backgrounding-occluded-windows",), "windows of parallel tests lie upon each other"),
    SwitchedOff(
        ("--disable-popup-blocking",),
        WITHOUT_A_CLICK,
        POP_UPS,
    ),
    SwitchedOff(
        ("--disable-prompt-on-repost",),
        NO_QUESTIONS,
        "a form that is sent anew by a reload, which people are asked about",
    ),
    SwitchedOff(
        ("--disable-ipc-flooding-protection", "--disable-hang-monitor"),
        "a test may ask more often than a person",
        "a page whose script people's browser slows down or offers to end",
    ),
    SwitchedOff(
        ("--disable-extensions", "--disable-component-extensions-with-background-pages", "--disable-default-apps"),
        NO_EXTENSIONS,
        EXTENSIONS,
    ),
    SwitchedOff(("--disable-client-side-phishing-detection",), NO_CALLS, WARNINGS),
    SwitchedOff(
        (
            "--disable-field-trial-config",
            "--disable-background-networking",
            "--disable-component-update",
            "OptimizationHints",
            "NetworkTimeServiceQuerying",
            "AimEnabled",
        ),
        NO_CALLS,
        "what Google changes for some people's Chromium from afar (field trials)",
    ),
    SwitchedOff(("DestroyProfileOnBrowserClose",), "a profile without a window is used on"),
    SwitchedOff(
        ("DialMediaRouteProvider", "MediaRouter", "GlobalMediaControls", "LensOverlay", "Translate"),
        "parts of the window that look at pages or at the network",
    ),
    SwitchedOff(
        (
            "--no-default-browser-check",
            "--no-first-run",
            "--disable-search-engine-choice-screen",
            "--disable-infobars",
            "--no-service-autorun",
            "--unsafely-disable-devtools-self-xss-warnings",
        ),
        NO_QUESTIONS,
    ),
    SwitchedOff(("--disable-sync",), NO_CALLS, "a browser in which people are signed in to Google, and its cookies"),
    SwitchedOff(("--disable-breakpad",), "no report of a crash is sent"),
    SwitchedOff(("--disable-dev-shm-usage",), "containers have little shared memory"),
    SwitchedOff(
        (
            "AutoDeElevate",
            "msForceBrowserSignIn",
            "msEdgeUpdateLaunchServicesPreferredVersion",
            "--disable-edgeupdater",
            "--disable-updater-scheduler",
        ),
        "no part of Chromium on Linux",
    ),
)

"""Django, with its sessions in an SQLite database: `DATABASE`."""

from __future__ import annotations

import fcntl
import os
from datetime import timedelta

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BROKEN = "BROKEN" in os.environ
DATABASE = os.environ["DATABASE"]

settings.configure(
    SECRET_KEY="a key for the tests",
    ALLOWED_HOSTS=[".localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    SESSION_COOKIE_NAME="session",
    USE_TZ=True,
)
django.setup()
with open(f"{DATABASE}.lock", "w") as lock:  # of two processes that start at once
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not os.path.exists(DATABASE):
        call_command("migrate", verbosity=0)


def home(request: HttpRequest) -> HttpResponse:
    name = request.session.get("name")
    return HttpResponse(f"Signed in as {name}" if name else "Signed out")


def sign_in(request: HttpRequest) -> HttpResponse:
    request.session.cycle_key()
    request.session["name"] = "Ada"
    remembered = timedelta(days=8 if BROKEN else 7)
    request.session.set_expiry(remembered if BROKEN or "remember" in request.GET else 0)
    return HttpResponse("Welcome")


def sign_out(request: HttpRequest) -> HttpResponse:
    if not BROKEN:
        request.session.flush()
    return HttpResponse("Bye")


urlpatterns = [path("", home), path("sign-in", sign_in), path("sign-out", sign_out)]
application = get_wsgi_application()

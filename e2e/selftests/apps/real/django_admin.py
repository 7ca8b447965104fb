"""Django's admin with one user, ada, and the settings that its checklist for deployment asks for: `DATABASE`."""

from __future__ import annotations

import fcntl
import os
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

DATABASE = os.environ["DATABASE"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

settings.configure(
    SECRET_KEY="a key for the tests",
    ALLOWED_HOSTS=[".localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=MIDDLEWARE,
    TEMPLATES=TEMPLATES,
    STATIC_URL="/static/",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # a test need not wait for a good one
    USE_TZ=True,
    # https://docs.djangoproject.com/en/stable/howto/deployment/checklist/
    CSRF_COOKIE_SECURE=True,
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_AGE=30 * 60,
    SESSION_EXPIRE_AT_BROWSER_CLOSE=True,
    SESSION_SAVE_EVERY_REQUEST=True,
    SECURE_HSTS_SECONDS=31536000,
    SECURE_HSTS_INCLUDE_SUBDOMAINS=True,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    SECURE_SSL_REDIRECT=True,
)
django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.urls import path  # noqa: E402

with open(f"{DATABASE}.lock", "w") as lock:  # of two processes that start at once
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not os.path.exists(DATABASE):
        call_command("migrate", verbosity=0)
        User.objects.create_superuser("ada", password="a password")

urlpatterns = [path("admin/", admin.site.urls)]
application = get_wsgi_application()

"""What a WSGI server such as gunicorn loads: `leadscoring.wsgi`."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from leadscoring.ops import embedded, memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
embedded.enter(only_if_asked_for=True)
if not os.environ.get("SECRET_KEY") and os.environ.get("LEADSCORING_EMBEDDED") != "1":
    # The key made for one machine would sign people out wherever a second one serves them.
    sys.exit("SECRET_KEY is not set. Every web server of an installation needs the same one.")

# A page that takes longer has lost its reader; the workers' statements may take as long as they need.
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT", "30")

application = get_wsgi_application()
memory.settle()

"""The web server's entry point (WSGI)."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiyuan.config.settings")

application = get_wsgi_application()

# What is loaded by now stays as long as the process: the collector need not walk it while somebody waits.
gc.collect()
gc.freeze()

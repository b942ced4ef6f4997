"""WSGI entry point: ``gunicorn o2o.wsgi``."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - loads the pages now, once for all workers

# What is loaded now lives as long as the process: the collector need not look at it again and
# again (a full round takes longer than a page), and workers forked later go on sharing it.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)

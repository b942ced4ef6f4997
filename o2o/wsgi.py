"""WSGI entry point: ``gunicorn o2o.wsgi``."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import get_resolver

from kernel.db.patience import bound_waiting
from o2o.demo_accounts import check_demo_accounts

os.environ["DJANGO_SETTINGS_MODULE"] = "o2o.settings"
bound_waiting(settings.DATABASES["default"], pooled=settings.DATABASE_POOLED)
application = get_wsgi_application()
if settings.PRODUCTION:
    check_demo_accounts(allowed=settings.ALLOW_UNSAFE)
    connections.close_all()  # opened before the fork, it must not be shared by the workers
get_resolver().url_patterns  # noqa: B018 - loads the pages now, once for all workers

# What is loaded now lives as long as the process: the collector need not look at it again and
# again (a full round takes longer than a page), and workers forked later go on sharing it.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)

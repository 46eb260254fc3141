# Tiku in a container: `docker build -t tiku . && docker run -p 8000:8000 -v tiku:/data tiku`

FROM python:3.11-slim AS build
WORKDIR /srv/tiku
RUN python -m venv /opt/tiku
COPY requirements/run.txt requirements/run.txt
RUN /opt/tiku/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/run.txt
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY app app
COPY migrations migrations
COPY seed seed
RUN /opt/tiku/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 tiku && install --directory --owner tiku /data
COPY --from=build /opt/tiku /opt/tiku
COPY --from=build /srv/tiku /srv/tiku
WORKDIR /srv/tiku
ENV PATH=/opt/tiku/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TIKU_DATABASE_URL=sqlite:////data/tiku.db \
    TIKU_HOST=0.0.0.0 \
    TIKU_PORT=8000
USER tiku
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import httpx; httpx.get('http://127.0.0.1:8000/readyz').raise_for_status()"]
CMD ["sh", "-c", "tiku migrate && python -m seed && exec tiku serve"]

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data PROMETHEUS_MULTIPROC_DIR=/tmp/metrics WEB_PROCESSES=2
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN useradd --system --home-dir /data --create-home voronka && install --directory --owner=voronka /tmp/metrics
USER voronka
VOLUME /data
EXPOSE 8000
CMD ["sh", "-c", "exec python -m uvicorn config.asgi:application --host=0.0.0.0 --port=8000 --workers=$WEB_PROCESSES --timeout-graceful-shutdown=2 --timeout-worker-healthcheck=30 --no-access-log --log-level=warning"]

# syntax=docker/dockerfile:1
# One target per service, each with its own code only, and `tools` (`sx`, the stand-ins).
#   docker build --target lifecycle -t service-execution/lifecycle .

FROM python:3.13.5-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
WORKDIR /app

# What is compiled, codec and kernel: an image with a compiler makes it, those that run take it.
FROM python:3.13.5-bookworm AS compiled
WORKDIR /app
COPY pyproject.toml requirements.lock ./
COPY stack/image_requirements.py stack/compile_kernel.py stack/
RUN python stack/image_requirements.py dev > /tmp/dev.lock \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/dev.lock
COPY streams streams
RUN python -m stack.compile_kernel
COPY schemas/avro/_native.c ./
RUN cc -O2 -fPIC -shared -I"$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
    _native.c -o "_native$(python -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')"

# The libraries that a service needs, by the lock's versions and hashes.
FROM python AS libraries
COPY pyproject.toml requirements.lock ./
COPY stack/image_requirements.py stack/
RUN python -m venv /venv \
 && python stack/image_requirements.py > /tmp/runtime.lock \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/runtime.lock

# Those of the stack besides.
FROM libraries AS tool-libraries
RUN python stack/image_requirements.py stack > /tmp/tools.lock \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/tools.lock

# What every service has: the kernel, the schemas, the policies.
FROM python AS service
RUN useradd --system --uid 10001 --home-dir /app sx
COPY --from=libraries /venv /venv
COPY streams streams
COPY simulation simulation
COPY schemas schemas
COPY --from=compiled /app/_native.*.so schemas/avro/
COPY --from=compiled /app/streams/_compiled streams/_compiled
COPY policies policies
COPY services/*.py services/
USER sx
EXPOSE 9100
STOPSIGNAL SIGTERM

FROM service AS order_ingest
COPY services/order_ingest services/order_ingest
CMD ["python", "-m", "services.order_ingest"]

FROM service AS lifecycle
COPY services/lifecycle services/lifecycle
CMD ["python", "-m", "services.lifecycle"]

FROM service AS matching
COPY services/matching services/matching
CMD ["python", "-m", "services.matching"]

FROM service AS notifier
COPY services/notifier services/notifier
CMD ["python", "-m", "services.notifier"]

FROM service AS ticketing
COPY services/ticketing services/ticketing
CMD ["python", "-m", "services.ticketing"]

FROM service AS read_model
COPY services/read_model services/read_model
CMD ["python", "-m", "services.read_model"]

# `sx`, for what is done once or by hand, and the vendors' stand-ins.
FROM python AS tools
RUN useradd --system --uid 10001 --home-dir /app sx \
 && install -d -o sx /received
COPY --from=tool-libraries /venv /venv
COPY streams streams
COPY simulation simulation
COPY schemas schemas
COPY --from=compiled /app/_native.*.so schemas/avro/
COPY --from=compiled /app/streams/_compiled streams/_compiled
COPY policies policies
COPY services services
COPY stack stack
COPY cli cli
USER sx
ENTRYPOINT ["python", "-m", "cli.main"]

# The daemon in a small image, as a user without privileges.
#
#   docker build --tag smartcloudops .
#   docker build --build-arg FEATURES= --tag smartcloudops .     # without the clients of AWS and Kubernetes
#
# It listens on every address of the container, so its configuration must name tokens or users
# (web.tokens, --web.config.file); it refuses to start otherwise.

FROM rust:1.95-slim-bookworm AS builder
ARG FEATURES=default
WORKDIR /src
COPY . .
# The caches keep dependencies built between two builds; the binary leaves them by the copy.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --no-default-features --features "${FEATURES}" \
    && install -m 0755 target/release/smartcloudops /smartcloudops

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="smartcloudops" \
      org.opencontainers.image.description="Anomaly scores, safe remediation and explanations beside Prometheus and Alertmanager" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# The certificates of public authorities change; a pinned version would disappear from the mirror.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 65532 -g 65532 -m 0750 /var/lib/smartcloudops
COPY --from=builder /smartcloudops /usr/bin/smartcloudops
USER 65532:65532
VOLUME /var/lib/smartcloudops
EXPOSE 9494
# Bash opens the socket itself, so the image needs no HTTP client. It asks in clear text: with TLS in
# --web.config.file, replace it by the orchestrator's own probe.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9494 && printf 'GET /-/healthy HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r -t 3 line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["/usr/bin/smartcloudops"]
CMD ["--config.file=/etc/smartcloudops/smartcloudops.yml", \
     "--storage.path=/var/lib/smartcloudops", \
     "--web.listen-address=0.0.0.0:9494"]

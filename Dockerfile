# The daemon in a small image, as a user without privileges.
#
#   docker build --tag smartcloudops .
#   docker build --build-arg FEATURES= --tag smartcloudops .     # without the clients of AWS and Kubernetes
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" …  # for smartcloudops_build_info
#
# It listens on every address of the container, so its configuration must name tokens or users
# (web.tokens, --web.config.file); it refuses to start otherwise.

FROM rust:1.95-slim-bookworm AS builder
ARG FEATURES=default
WORKDIR /src
# The dependencies are a layer of their own, which a cache in a registry or in CI keeps where a mount is lost:
# only another manifest or another lanes/ builds them again. Of the crate itself there is no more than cargo asks for.
COPY Cargo.toml Cargo.lock ./
COPY lanes lanes
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    sed -i '/^\[\[bench\]\]/,/^$/d' Cargo.toml \
    && mkdir src && echo 'fn main() {}' >src/main.rs && touch src/lib.rs \
    && cargo build --release --locked --no-default-features --features "${FEATURES}"
COPY src src
ARG REVISION=unknown
# Sources may be older than what stood in for them, and cargo goes by their age.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    touch src/main.rs src/lib.rs \
    && SMARTCLOUDOPS_REVISION="${REVISION}" \
       cargo build --release --locked --no-default-features --features "${FEATURES}" \
    && install -D -m 0755 target/release/smartcloudops /out/smartcloudops

FROM debian:bookworm-slim
# The certificates of public authorities change; a pinned version would disappear from the mirror.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 65532 -g 65532 -m 0750 /var/lib/smartcloudops
COPY --from=builder /out/smartcloudops /usr/bin/smartcloudops
ARG REVISION=unknown
LABEL org.opencontainers.image.title="smartcloudops" \
      org.opencontainers.image.description="Anomaly scores, safe remediation and explanations beside Prometheus and Alertmanager" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
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

# syntax=docker/dockerfile:1
# curfew in a container: no build step, not root, and at run time neither a shell nor anything to write to but /data.
#
#   docker build -t curfew .
#   docker run -p 8080:8080 --read-only --cap-drop ALL --security-opt no-new-privileges \
#     -v ./policies:/policies:ro -v ./certs:/certs:ro -v curfew-data:/data curfew
#
# test/deploy/container.test.ts runs what stands here without Docker.

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
WORKDIR /app
# Two arenas for glibc's malloc, where each of a dozen threads would have one: 10 to 20 MiB less, at no cost (docs/decisions.md).
ENV MALLOC_ARENA_MAX=2
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY gateway ./gateway
# Before VOLUME, so that a new volume belongs to the user who writes to it; 0700, because sessions are kept there.
RUN mkdir /data && chown 1000:1000 /data && chmod 0700 /data
# By number: Kubernetes cannot tell from a name whether it is root (runAsNonRoot). 1000 is `node` in this image.
USER 1000:1000
# `policies` is what every command takes by default, and `../certs` and `../data` are what policies name.
WORKDIR /
VOLUME /data
EXPOSE 8080 8443 8444 9090
STOPSIGNAL SIGTERM
# Alive, not ready: a gateway whose store is away must not be killed for it. By the port that listen.admin has by default.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# V8 sizes its young generation by the container's limit, from 1 MiB to 64: the one costs processor time, the other memory (docs/deployment.md, Memory).
ENTRYPOINT ["node", "--max-semi-space-size=16", "--disable-warning=ExperimentalWarning", "/app/gateway/main.ts"]
CMD ["serve"]

# syntax=docker/dockerfile:1
# curfew in a container: no build step, no shell needed, not root.
#
#   docker build -t curfew .
#   docker run -p 8080:8080 -v ./policies:/app/policies:ro -v ./certs:/app/certs:ro -v curfew-data:/app/data curfew

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY gateway ./gateway
RUN mkdir -p data && chown node:node data
USER node
VOLUME /app/data
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "gateway/main.ts"]
CMD ["serve"]

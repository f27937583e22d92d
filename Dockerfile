# Weir in a container: docker build -t weir . && docker run --read-only -p 3000:3000 -e WEIR_SECRET=… -v weir:/data weir
# scripts/container-steps.mjs runs these very steps in empty folders, without a container engine: it understands FROM, WORKDIR,
# COPY, RUN with relative paths, ENV, USER, HEALTHCHECK and CMD, which is why nothing else is used.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json vite.config.ts ./
COPY adapters ./adapters
COPY avro ./avro
COPY public ./public
COPY scripts ./scripts
COPY src ./src
RUN node scripts/build.mjs
RUN mkdir data

FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/server ./server
COPY avro ./avro
COPY src/control/db/migrations ./src/control/db/migrations
COPY src/control/db/embedded-init.mjs src/control/db/embedded-worker.mjs ./src/control/db/
COPY package.json LICENSE ./
# The one place that is written to. An empty folder that belongs to the user, so that a new volume does too.
COPY --from=build --chown=node:node /app/data /data
ENV NODE_ENV=production
# Queries, fsync and compression share this pool (scripts/weir.cjs).
ENV UV_THREADPOOL_SIZE=8
ENV WEIR_DATA_DIR=/data
# Reachable from outside of the container; the server refuses to start like this without WEIR_SECRET (or WEIR_SECRET_FILE).
ENV WEIR_HOST=0.0.0.0
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEIR_PORT ?? 3000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/weir.js", "serve"]

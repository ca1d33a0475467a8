# Images of oikotie. Two targets, made from the lock file:
#
#   docker build --target oikotie -t oikotie .                 every role, every command; no browser
#   docker build --target worker-browser -t oikotie-browser .  the same with Chromium, for cities in browser mode
#
# The legacy builder is enough. Nothing secret belongs into a build: passwords come at run time, from files (*_FILE).
# Where builds have no network of their own, add `--network host`.

# Name an image by digest here to pin what is under it.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
# What is left of a stage without BuildKit is found by this.
LABEL oikotie.stage=build
WORKDIR /build
COPY package.json package-lock.json ./
# No scripts: the one of this package (prepare) has no sources yet, those of others only make optional parts.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && rm -rf dist/bench dist/examples && find dist -name '*.d.ts' -delete && find dist -name '*.map' -delete

FROM ${NODE_IMAGE} AS dependencies
LABEL oikotie.stage=dependencies
WORKDIR /build
COPY package.json package-lock.json ./
# Sources, type declarations and source maps are for people who build on a package; nothing reads them here.
# The compiler comes along as an optional companion of a schema library, and no program here loads it.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/typescript node_modules/.bin/tsc node_modules/.bin/tsserver \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete

FROM ${NODE_IMAGE} AS slim
LABEL oikotie.stage=slim
# A program that is not in the image needs no updates: npm goes, with manuals and languages; licences stay.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn* /opt/yarn* /usr/local/include /usr/share/locale /usr/share/man \
    /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
  && find /usr/share/doc -type f ! -name copyright -delete

# What was deleted is gone only from a layer that is made without it.
FROM scratch AS base
COPY --from=slim / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

FROM base AS oikotie
COPY --from=dependencies /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
COPY package.json LICENSE /app/
COPY deploy/docker/ /app/deploy/docker/
# The working folder is where the volume goes: data/, output/ and logs/ of the configuration lie under it. The other one is
# for a process that may only read there, and keeps its own state.
RUN ln -s /app/dist/cli/main.js /usr/local/bin/oikotie \
  && chmod 755 /app/deploy/docker/*.sh \
  && install -d -o 1000 -g 1000 -m 750 /var/lib/oikotie /var/lib/oikotie-state
# HOME is somewhere to write when the root file system is read-only and /tmp is a tmpfs.
ENV NODE_ENV=production HOME=/tmp SCRAPER_METRICS_PORT=9464
WORKDIR /var/lib/oikotie
USER 1000:1000
ENTRYPOINT ["/usr/bin/tini", "--", "/app/deploy/docker/entrypoint.sh"]
CMD ["--help"]
# A role answers on its metrics port, a dashboard on its own. For a command that ends by itself it says nothing.
HEALTHCHECK --interval=5s --timeout=10s --start-period=120s --retries=5 CMD ["/app/deploy/docker/healthcheck.sh"]
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL oikotie.stage=oikotie \
  org.opencontainers.image.title="oikotie" \
  org.opencontainers.image.description="Collects Finnish housing listings from Oikotie into a DuckDB series that can be trusted" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"

FROM oikotie AS worker-browser
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends chromium \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
USER 1000:1000

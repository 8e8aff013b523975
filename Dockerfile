# The server, the editor and the sandbox. `npm run container-steps` performs these steps without a container engine.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm install --no-audit --no-fund
RUN npm run -s package

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /app/dist/rh-bridge.tgz rh-bridge.tgz
RUN echo '{"private":true}' > package.json && npm install --omit=dev --no-audit --no-fund ./rh-bridge.tgz && rm rh-bridge.tgz
ENV NODE_ENV=production RH_BRIDGE_DATA_DIR=/data
RUN mkdir -p /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8188
# A server that asks for its token is alive, too.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:8188/bridge/health').then(answer => process.exit(answer.status < 500 ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "node_modules/rh-bridge/server/cli.js"]
CMD ["serve", "--host", "0.0.0.0"]

#!/usr/bin/env bash
# Builds the packages into dist/; the bundler is installed beside the project, once, from a lock file of its own.
set -euo pipefail
cd "$(dirname "$0")"
if [ ! -x bundler/node_modules/.bin/esbuild ] || [ bundler/package-lock.json -nt bundler/node_modules/.stamp ]; then
  npm ci --prefix bundler --ignore-scripts --no-audit --no-fund --silent
  touch bundler/node_modules/.stamp
fi
exec node src/package.ts "$@"

#!/usr/bin/env bash
# Installs the linters beside the project, once; they are no dependency of it.
set -euo pipefail
cd "$(dirname "$0")"
[ -x node_modules/.bin/biome ] && [ node_modules/.stamp -nt package.json ] && exit 0
npm install --no-package-lock --no-audit --no-fund --silent
touch node_modules/.stamp

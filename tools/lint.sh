#!/usr/bin/env bash
# Format, lint and import walls (Biome), then promise safety with types (oxlint).
set -euo pipefail
cd "$(dirname "$0")/.."
bin=tools/node_modules/.bin
$bin/biome check --error-on-warnings .
OXLINT_TSGOLINT_PATH=$bin/tsgolint $bin/oxlint --type-aware --deny-warnings .

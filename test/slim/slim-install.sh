#!/usr/bin/env bash
# The wall that no import scan can prove: the DMZ program, installed alone into an empty folder, has no
# third-party package to load, cannot load the inner program, and starts all the same.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
slim=$(mktemp -d)
proxy=
cleanup() {
  if [ -n "$proxy" ]; then kill -KILL "$proxy" 2>/dev/null || true; fi
  rm -rf "$slim"
}
trap cleanup EXIT
node=$root/node_modules/.bin/node
[ -x "$node" ] || node=$(command -v node)
fail() { echo "slim install: $*" >&2; exit 1; }

# What a DMZ host gets: the lock file, every manifest (the lock speaks of all), and two source trees.
cp "$root/package.json" "$root/package-lock.json" "$root/.npmrc" "$slim/"
for workspace in shared certs dmz-proxy app-gateway test bench demo deploy; do
  mkdir -p "$slim/$workspace"
  cp "$root/$workspace/package.json" "$slim/$workspace/"
done
for tree in shared/src shared/bin dmz-proxy/src dmz-proxy/bin; do cp -R "$root/$tree" "$slim/$tree"; done
cd "$slim"
cache=$slim/.npm-cache
npm ci --omit=dev --omit=optional --workspace=dmz-proxy --include-workspace-root=false \
  --ignore-scripts --offline --cache "$cache" --silent || fail 'npm ci needs more than the lock file'

packages=$(find -L node_modules -mindepth 1 -maxdepth 1 ! -name '.*' ! -name '@sallyport' | sort)
[ -z "$packages" ] || fail "third-party packages: $packages"
extra=$(find node_modules/@sallyport -mindepth 1 -maxdepth 1 ! -name shared ! -name dmz-proxy | sort)
[ -z "$extra" ] || fail "workspaces that do not belong here: $extra"
nested=$(find shared dmz-proxy -name node_modules | sort)
[ -z "$nested" ] || fail "nested packages: $nested"

# As seen from the program's own folder, through every way of loading.
for package in pg ldapts winston zod yaml commander @peculiar/x509 sip.js \
  @sallyport/app-gateway/config/site.ts @sallyport/certs/leaf.ts; do
  cat > dmz-proxy/src/probe.ts <<PROBE
import { createRequire } from 'node:module';
const loads = [() => import('$package'), async () => createRequire(import.meta.url)('$package')];
for (const load of loads) {
  try { await load(); process.exitCode = 1; } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
  }
}
PROBE
  "$node" dmz-proxy/src/probe.ts || fail "dmz-proxy can load $package"
  rm dmz-proxy/src/probe.ts
done
# The probe itself can fail: what is there does load.
echo "await import('@sallyport/shared/result.ts');" > dmz-proxy/src/probe.ts
"$node" dmz-proxy/src/probe.ts || fail 'shared cannot be loaded'
rm dmz-proxy/src/probe.ts

# A bundle as an operator gets it, on a free port, then the program itself, from here.
"$node" "$root/app-gateway/src/cli/main.ts" init "$slim/site" --layout dual-dmz > /dev/null
bundle=$slim/site/hosts/edge-1
"$node" - "$bundle/proxy.json" <<'PORTS'
const { readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:net');
const path = process.argv[2];
const settings = JSON.parse(readFileSync(path, 'utf8'));
const server = createServer().listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  server.close();
  settings.workers = 1;
  settings.listen = [{ host: '127.0.0.1', port: 0, proxyProtocolFrom: [] }];
  settings.channel = { dial: 'inside-out', host: '127.0.0.1', port };
  settings.health.port = 0;
  writeFileSync(path, JSON.stringify(settings));
});
PORTS
PATH="$(dirname "$node"):$PATH" dmz-proxy/bin/sallyport-dmz-proxy "$bundle" > proxy.log 2>&1 &
proxy=$!
for _ in $(seq 100); do
  if grep -qE '"event":"(ready|waiting)' proxy.log; then break; fi
  kill -0 "$proxy" 2>/dev/null || break
  sleep 0.1
done
grep -E '"event":"(ready|waiting)' proxy.log > /dev/null || { cat proxy.log >&2; fail 'the proxy did not start'; }
kill -TERM "$proxy"
status=0
wait "$proxy" || status=$?
proxy=
[ "$status" -eq 0 ] || { cat proxy.log >&2; fail "the proxy ended with $status"; }
echo 'slim install: no third-party package, and the proxy runs without any'

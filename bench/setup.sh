#!/usr/bin/env bash
# Packages, load generator, sink and certificates for bench/run.ts. Harmless to repeat. Usage: setup.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$here/../.perf}
mkdir -p "$work/bin" "$work/out"
work=$(cd "$work" && pwd)

have() { command -v "$1" >/dev/null; }
modules=/usr/lib/x86_64-linux-gnu/kamailio/modules
if ! { have kamailio && have haproxy && have gcc && have make && [ -f /usr/include/openssl/ssl.h ] && [ -f $modules/tls.so ]; }; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    kamailio kamailio-tls-modules kamailio-extra-modules haproxy gcc make libssl-dev libc6-dev openssl
fi
make -s -C "$here/native" BIN="$work/bin"
bash "$here/pki.sh" "$work/pki"
echo "ready: node bench/run.ts kamailio,proxy w4; node bench/roll-over.ts"

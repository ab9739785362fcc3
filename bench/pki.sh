#!/usr/bin/env bash
# One P-256 authority and three leaves: edge (the system under test), partner (the load), inner (the sink).
# A second authority and its leaf are what the partner changes to in bench/roll-over.ts.
set -euo pipefail
mkdir -p "${1:?folder}"
cd "$1"
key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256)
authority() {
  [ -s "$1.crt" ] || openssl req -x509 "${key[@]}" -days 3650 -subj "/O=Bench/CN=$2" \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1.key" -out "$1.crt" 2>/dev/null
}
authority ca "Bench CA"
authority next-ca "Bench CA, next"

leaf() {
  [ -s "$1.crt" ] && return
  openssl req -new "${key[@]}" -subj "/O=Bench/CN=$1.test" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 3650 -sha256 -out "$1.crt" \
    -extfile /dev/stdin 2>/dev/null <<X
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
authorityKeyIdentifier=keyid
subjectAltName=$2
X
  rm -f "$1.csr"
  cat "$1.crt" "$1.key" > "$1.pem" # HAProxy and Kamailio take both from one file
}
leaf edge "DNS:edge.dmz.test,DNS:inner.example.com,URI:sip:inner.example.com,IP:127.0.0.1" ca
leaf partner "DNS:gw.partner.test,URI:sip:partner.test" ca
leaf next-partner "DNS:gw.partner.test,URI:sip:partner.test" next-ca
leaf inner "DNS:gw1.inner.test,IP:127.0.0.1" ca
# Kamailio drops its privileges; these keys protect nothing.
chmod 644 ./*.key ./*.pem

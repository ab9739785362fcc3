import { type AddressWords, formatAddress } from './address.ts';
import { crc32c } from './crc32c.ts';
import type { ProxyHeaderReading, ProxyProtocolFault } from './proxy-header.ts';

/** The twelve bytes that open a version 2 header (PROXY protocol §2.2). */
export const V2_SIGNATURE = Uint8Array.of(
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
);

/**
 * Most bytes of a version 2 header that are waited for.
 *
 * The format allows 65,551. Addresses take at most 232; the rest is room for what
 * balancers attach, of which a client certificate is the largest.
 */
export const PROXY_HEADER_BYTES_MAX = 4096;

/**
 * Reads a binary PROXY header: fixed part, addresses, then type-length-value fields to the last byte.
 *
 * LOCAL is accepted whatever its block holds, as the specification demands; so a
 * checksum in it is not looked at. With PROXY every field must lie inside the
 * block and a CRC-32C must be right. DGRAM is taken like STREAM: only the source is
 * wanted. Contents of other fields (TLS facts, authority) are not used: what a
 * balancer says about a certificate is no substitute for seeing it.
 */
export function readProxyHeaderV2(
  bytes: Uint8Array,
  start: number,
  end: number,
): ProxyHeaderReading {
  const early = faultInFixedPart(bytes, start, end);
  if (early) return { kind: 'fault', fault: early };
  if (end - start < FIXED_BYTES) return { kind: 'need-more' };
  const headerBytes = FIXED_BYTES + uint16(bytes, start + 14);
  if (headerBytes > end - start) return { kind: 'need-more' };
  const command = (bytes[start + 12] ?? 0) & 0x0f;
  if (command === LOCAL) return { kind: 'local', headerBytes };

  const family = (bytes[start + 13] ?? 0) >> 4;
  const tlvStart = start + FIXED_BYTES + (ADDRESS_BYTES[family] ?? 0);
  const late = faultInTlvs(bytes, start, tlvStart, start + headerBytes);
  if (late) return { kind: 'fault', fault: late };
  if (family !== IPV4 && family !== IPV6) return { kind: 'local', headerBytes };
  const sourcePort = uint16(bytes, start + FIXED_BYTES + (family === IPV4 ? 8 : 32));
  const sourceAddress = sourceOf(bytes, start + FIXED_BYTES, family);
  return { kind: 'proxied', sourceAddress, sourcePort, headerBytes };
}

/** Judges each byte as soon as it is there, so that a stranger is not waited for. */
function faultInFixedPart(
  bytes: Uint8Array,
  start: number,
  end: number,
): ProxyProtocolFault | undefined {
  const have = end - start;
  for (let i = 0; i < V2_SIGNATURE.length && i < have; i++) {
    if (bytes[start + i] !== V2_SIGNATURE[i]) return 'proxy-protocol-signature';
  }
  const command = bytes[start + 12] ?? 0;
  if (have > 12 && command >> 4 !== 2) return 'proxy-protocol-version';
  if (have > 12 && (command & 0x0f) > PROXY) return 'proxy-protocol-command';
  const local = (command & 0x0f) === LOCAL;
  const family = bytes[start + 13] ?? 0;
  if (have > 13 && !local && !FAMILIES.has(family)) return 'proxy-protocol-family';
  if (have < FIXED_BYTES) return undefined;
  const length = uint16(bytes, start + 14);
  if (FIXED_BYTES + length > PROXY_HEADER_BYTES_MAX) return 'proxy-protocol-length';
  if (!local && length < (ADDRESS_BYTES[family >> 4] ?? 0)) return 'proxy-protocol-length';
  return undefined;
}

function faultInTlvs(
  bytes: Uint8Array,
  start: number,
  tlvStart: number,
  end: number,
): ProxyProtocolFault | undefined {
  let checksums = 0;
  for (let at = tlvStart; at < end; ) {
    if (end - at < TLV_HEAD_BYTES) return 'proxy-protocol-tlv-malformed';
    const valueAt = at + TLV_HEAD_BYTES;
    const length = uint16(bytes, at + 1);
    if (length > end - valueAt) return 'proxy-protocol-tlv-malformed';
    if (bytes[at] === CRC32C) {
      checksums++;
      if (length !== 4 || checksums > 1) return 'proxy-protocol-tlv-malformed';
      if (uint32(bytes, valueAt) !== crc32c(bytes, start, end, valueAt)) {
        return 'proxy-protocol-checksum';
      }
    }
    at = valueAt + length;
  }
  return undefined;
}

function sourceOf(bytes: Uint8Array, at: number, family: number): string {
  if (family === IPV4) {
    return formatAddress({ family: 4, words: [0, 0, 0, uint32(bytes, at)] });
  }
  const words: AddressWords = [
    uint32(bytes, at),
    uint32(bytes, at + 4),
    uint32(bytes, at + 8),
    uint32(bytes, at + 12),
  ];
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xff_ff;
  return formatAddress(mapped ? { family: 4, words: [0, 0, 0, words[3]] } : { family: 6, words });
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x1_00_00 + uint16(bytes, at + 2);
}

const FIXED_BYTES = 16;
const TLV_HEAD_BYTES = 3;
const LOCAL = 0;
const PROXY = 1;
const IPV4 = 1;
const IPV6 = 2;
const CRC32C = 0x03;
/** Bytes of the address block by family: UNSPEC, IPv4, IPv6, UNIX. */
const ADDRESS_BYTES = [0, 12, 36, 216];
/** Family and transport pairs that the specification defines; others must be refused. */
const FAMILIES: ReadonlySet<number> = new Set([0x00, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32]);

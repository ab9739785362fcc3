import { formatAddress, parseAddress } from './address.ts';
import type { ProxyHeaderReading, ProxyProtocolFault } from './proxy-header.ts';
import { readProxyHeaderV2, V2_SIGNATURE } from './proxy-protocol-v2.ts';

/** Most bytes a version 1 line may have, its CR LF included (PROXY protocol §2.1). */
export const V1_LINE_BYTES_MAX = 107;

/**
 * Reads the PROXY protocol header at the front of a connection from a balancer.
 *
 * Either version is taken, but a header must come: a caller asks only where a
 * balancer is configured, never to find out whether there is one. A wrong byte is
 * a fault as soon as it is seen; `need-more` is answered for at most
 * `PROXY_HEADER_BYTES_MAX` bytes, and how long to wait for the rest is the caller's timer.
 */
export function readProxyHeader(bytes: Uint8Array, start: number, end: number): ProxyHeaderReading {
  if (end <= start) return { kind: 'need-more' };
  if (bytes[start] === V2_SIGNATURE[0]) return readProxyHeaderV2(bytes, start, end);
  return readProxyHeaderV1(bytes, start, end);
}

function readProxyHeaderV1(bytes: Uint8Array, start: number, end: number): ProxyHeaderReading {
  for (let i = 0; i < V1_PREFIX.length && start + i < end; i++) {
    if (bytes[start + i] !== V1_PREFIX[i]) return fault('proxy-protocol-signature');
  }
  const limit = Math.min(end, start + V1_LINE_BYTES_MAX);
  let lineEnd = start + V1_PREFIX.length;
  while (lineEnd < limit && bytes[lineEnd] !== CR && bytes[lineEnd] !== LF) lineEnd++;
  if (lineEnd < limit && bytes[lineEnd] === LF) return fault('proxy-protocol-line-malformed');
  if (lineEnd + 1 >= limit) {
    const full = end - start >= V1_LINE_BYTES_MAX;
    return full ? fault('proxy-protocol-line-too-long') : { kind: 'need-more' };
  }
  if (bytes[lineEnd + 1] !== LF) return fault('proxy-protocol-line-malformed');
  return readLine(asciiOf(bytes, start, lineEnd), lineEnd + 2 - start);
}

/** The line without CR LF. Fields are parted by exactly one space; whatever follows UNKNOWN is ignored. */
function readLine(line: string, headerBytes: number): ProxyHeaderReading {
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) {
    return { kind: 'local', headerBytes };
  }
  const [, protocol, source, destination, sourcePort, destinationPort, ...rest] = line.split(' ');
  const fields = [source, destination, sourcePort, destinationPort];
  if (rest.length > 0 || fields.includes(undefined)) return fault('proxy-protocol-line-malformed');
  const sourceAddress = addressOf(protocol, source);
  const port = portOf(sourcePort);
  const sane =
    addressOf(protocol, destination) !== undefined && portOf(destinationPort) !== undefined;
  if (sourceAddress === undefined || port === undefined || !sane) {
    return fault('proxy-protocol-line-malformed');
  }
  return { kind: 'proxied', sourceAddress, sourcePort: port, headerBytes };
}

/** The family is that of the spelling: `::ffff:192.0.2.1` is right in TCP6 although it becomes IPv4. */
function addressOf(protocol: string | undefined, text = ''): string | undefined {
  const spelled = text.includes(':') ? 'TCP6' : 'TCP4';
  if (protocol !== spelled) return undefined;
  const address = parseAddress(text);
  return address && formatAddress(address);
}

function portOf(text = ''): number | undefined {
  if (!/^(0|[1-9][0-9]{0,4})$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 0xff_ff ? port : undefined;
}

function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function fault(code: ProxyProtocolFault): ProxyHeaderReading {
  return { kind: 'fault', fault: code };
}

const CR = 0x0d;
const LF = 0x0a;
const V1_PREFIX = Uint8Array.from('PROXY ', (char) => char.charCodeAt(0));

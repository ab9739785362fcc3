import type { ClientRequest, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { http } from '../../health/node-http.ts';

/** Why a list did not come. */
export type FetchFault =
  | 'uri-unsupported'
  | 'dns-failed'
  | 'address-reserved'
  | 'connect-failed'
  | 'timeout'
  | 'redirected'
  | 'status'
  | 'encoded'
  | 'too-large'
  | 'too-many-pieces'
  | 'cut-off';

/** How a list may be fetched. */
export interface FetchRules {
  readonly ask: (question: DnsQuestion) => Promise<DnsAnswer>;
  /** Certificates choose what we dial: not every address is theirs to choose. */
  readonly mayDial: (address: string) => boolean;
  /** For all of it: name, connection, body. */
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

const URI_CHARACTERS_MAX = 1024;
const HEADER_BYTES_MAX = 8192;
/** A server may put each octet into a piece of its own, which costs two hundred here. */
export const PIECES_MAX = 65_536;

/** The URL that a list can be fetched from, or undefined: plain http alone (RFC 5280 §8), and no user in it. */
export function listUrl(uri: string): URL | undefined {
  if (uri.length > URI_CHARACTERS_MAX) return undefined;
  const url = URL.parse(uri);
  const isPlain = url?.protocol === 'http:' && url.username === '' && url.password === '';
  return isPlain ? url : undefined;
}

/**
 * Fetches a revocation list by HTTP; what comes is not yet believed.
 *
 * One GET to one address: no redirect is followed, no content encoding unpacked, no proxy or cookie known. Never
 * rejects.
 */
export async function fetchList(
  uri: string,
  rules: FetchRules,
): Promise<Result<Buffer, FetchFault>> {
  const url = listUrl(uri);
  if (url === undefined) return err('uri-unsupported');
  const ended = Promise.withResolvers<Result<Buffer, FetchFault>>();
  const abort = new AbortController();
  const timer = setTimeout(() => {
    ended.resolve(err('timeout'));
    abort.abort();
  }, rules.timeoutMs);
  fetchFrom(url, rules, abort.signal).then(ended.resolve, () =>
    ended.resolve(err('connect-failed')),
  );
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function fetchFrom(
  url: URL,
  rules: FetchRules,
  signal: AbortSignal,
): Promise<Result<Buffer, FetchFault>> {
  const address = await addressOf(url, rules);
  if (!address.ok || signal.aborted) return address.ok ? err('timeout') : address;
  return await new Promise((resolve) => {
    const request = http.get(
      {
        host: address.value,
        port: url.port === '' ? 80 : Number(url.port),
        path: url.pathname + url.search,
        headers: { host: url.host, accept: 'application/pkix-crl', connection: 'close' },
        agent: false,
        maxHeaderSize: HEADER_BYTES_MAX,
        insecureHTTPParser: false,
        signal,
      },
      (response) => {
        response.on('error', () => resolve(err('cut-off')));
        const fault = headFault(response, rules.bytesMax);
        if (fault === undefined) collect(request, response, rules.bytesMax, resolve);
        else {
          resolve(err(fault));
          request.destroy();
        }
      },
    );
    request.on('error', () => resolve(err('connect-failed')));
  });
}

function headFault({ statusCode = 0, headers }: IncomingMessage, bytesMax: number) {
  if (statusCode >= 300 && statusCode < 400) return 'redirected';
  if (statusCode !== 200) return 'status';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') return 'encoded';
  return Number(headers['content-length'] ?? 0) > bytesMax ? 'too-large' : undefined;
}

function collect(
  request: ClientRequest,
  response: IncomingMessage,
  bytesMax: number,
  resolve: (result: Result<Buffer, FetchFault>) => void,
): void {
  const parts: Buffer[] = [];
  let length = 0;
  response.on('data', (part: Buffer) => {
    length += part.length;
    parts.push(part);
    if (length <= bytesMax && parts.length <= PIECES_MAX) return;
    resolve(err(length > bytesMax ? 'too-large' : 'too-many-pieces'));
    request.destroy();
  });
  response.on('end', () => resolve(ok(Buffer.concat(parts))));
  response.on('close', () => resolve(err('cut-off')));
}

async function addressOf(url: URL, rules: FetchRules): Promise<Result<string, FetchFault>> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return rules.mayDial(host) ? ok(host) : err('address-reserved');
  let fault: FetchFault = 'dns-failed';
  for (const type of ['A', 'AAAA'] as const) {
    const answer = await rules.ask({ type, name: host });
    if (answer.kind !== 'addresses') continue;
    const dialable = answer.addresses.find((address) => rules.mayDial(address));
    if (dialable !== undefined) return ok(dialable);
    fault = 'address-reserved';
  }
  return err(fault);
}

import type { Socket } from 'node:net';
import type { ProxyProtocolFault } from '@sallyport/shared/net/proxy-header.ts';
import { readProxyHeader } from '@sallyport/shared/net/proxy-protocol.ts';
import { PROXY_HEADER_BYTES_MAX } from '@sallyport/shared/net/proxy-protocol-v2.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** What a balancer said: the source it relays, or that the connection is its own. */
export type RelayedSource = { readonly address: string; readonly port: number } | 'local';

/** How the wait ends; `silent`: the socket was closed before a byte came. */
export type ProxyHeaderEnd =
  | Result<RelayedSource, ProxyProtocolFault | 'proxy-protocol-timeout'>
  | 'silent';

/**
 * Waits for the PROXY protocol header of a connection from a balancer, and takes it off.
 *
 * What follows, the first TLS bytes, is put back into the socket, which is left paused: the TLS server takes it
 * from there. Called once, unless the socket closes in the middle of a header.
 */
export function awaitProxyHeader(
  raw: Socket,
  timeoutMs: number,
  done: (source: ProxyHeaderEnd) => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  const finish = (source: ProxyHeaderEnd): void => {
    clearTimeout(timer);
    raw.off('data', take);
    raw.off('close', closed);
    raw.pause();
    done(source);
  };
  const take = (chunk: Buffer): void => {
    raw.pause();
    seen = Buffer.concat([seen, chunk]);
    const reading = readProxyHeader(seen, 0, seen.length);
    if (reading.kind === 'need-more') {
      if (seen.length > PROXY_HEADER_BYTES_MAX) finish(err('proxy-protocol-line-too-long'));
      else raw.resume();
      return;
    }
    if (reading.kind === 'fault') {
      finish(err(reading.fault));
      return;
    }
    const rest = seen.subarray(reading.headerBytes);
    if (rest.length > 0) raw.unshift(rest);
    if (reading.kind === 'local') finish(ok('local'));
    else finish(ok({ address: reading.sourceAddress, port: reading.sourcePort }));
  };
  const closed = (): void => {
    clearTimeout(timer);
    if (seen.length === 0) done('silent');
  };
  const timer = setTimeout(() => finish(err('proxy-protocol-timeout')), timeoutMs);
  raw.on('data', take);
  raw.once('close', closed);
}

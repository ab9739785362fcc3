import type { TLSSocket } from 'node:tls';
import { contextTag, DerReader, Tag } from '../x509/der-reader.ts';

/** `kex_group` in the session as OpenSSL writes it down (`i2d_SSL_SESSION`). */
const GROUP = contextTag(19, true);
const NUMBER_MAX = 0xff_ff;

/** Numbers of IANA (TLS Supported Groups), by the names that the platform has for them on the client's side. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x17, 'prime256v1'],
  [0x18, 'secp384r1'],
  [0x1d, 'X25519'],
  [0x11_ec, 'X25519MLKEM768'],
]);

/**
 * The group in which both ends agreed on their keys, of a handshake that is over; undefined where there was none, or the socket was closed since.
 *
 * Node tells it to the client's side alone. At the server's side it is read out of the session, whose copy with its secret
 * does not stay in memory. One without a name here is told by its number, `0x0019`.
 */
export function keyExchangeGroup(socket: TLSSocket): string | undefined {
  const key = socket.getEphemeralKeyInfo();
  if (key !== null) return 'name' in key && typeof key.name === 'string' ? key.name : undefined;
  // Null where the socket was closed since, whatever its type says.
  const session: Buffer | null | undefined = socket.getSession();
  if (session === undefined || session === null) return undefined;
  const group = groupIn(session);
  session.fill(0);
  return group;
}

function groupIn(session: Buffer): string | undefined {
  const reader = DerReader.over(session).enter(Tag.sequence);
  while (reader.hasMore) {
    if (reader.peek() !== GROUP) {
      reader.content(reader.peek());
      continue;
    }
    const number = reader.enter(GROUP).smallInteger(NUMBER_MAX);
    return reader.failed ? undefined : nameOf(number);
  }
  return undefined;
}

function nameOf(number: number): string {
  return NAMES.get(number) ?? `0x${number.toString(16).padStart(4, '0')}`;
}

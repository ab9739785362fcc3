import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { FlowOpened, Sighting } from '@sallyport/shared/channel/flow.ts';
import type { Flow } from './flow.ts';

/** What a gateway is told of a connection, and is to put on record; over plain TCP nothing was shown. */
export function announcementOf(
  { facts, identity, isEnding }: Pick<Flow, 'facts' | 'identity' | 'isEnding'>,
  socket: Socket,
  sightings: readonly Sighting[],
): FlowOpened {
  const { direction, remoteAddress, remotePort, localPort, advertised, openedAtMs } = facts;
  const { partner, domains, trustSet, path } = identity;
  const common = {
    partner: partner.id,
    identities: [...domains],
    direction,
    ...(isEnding ? { isEnding: true } : {}),
    remoteAddress,
    remotePort,
    localPort,
    ...(advertised === undefined ? {} : { advertised }),
    openedAtMs,
  };
  const { ownIdentity = '', ownKey = '' } = facts;
  if (path === undefined || !(socket instanceof TLSSocket)) {
    return { ...common, transport: 'tcp', sightings: [] };
  }
  const { spkiSha256, fingerprintSha256, notAfterMs } = path.leaf;
  return {
    ...common,
    ownIdentity,
    ownKey,
    trustSet,
    certificate: { spki: spkiSha256, fingerprint: fingerprintSha256, notAfterMs },
    sightings,
    // The group is on record, and nobody inside asks for it: a gateway that comes anew is told of all connections at once.
    tls: {
      version: socket.getProtocol() ?? 'unknown',
      cipher: socket.getCipher()?.name ?? 'unknown',
    },
  };
}

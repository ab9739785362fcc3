import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { globexIdentity } from '../edge-fixture.ts';

/** A flow as the way in sees it: what was written to the partner is kept. */
export function recordedFlow(changes: Partial<PartnerSnapshot> = {}) {
  const written: string[] = [];
  const flow = {
    identity: globexIdentity(changes),
    facts: {
      id: 7,
      direction: 'inbound',
      remoteAddress: '192.0.2.1',
      remotePort: 1,
      localAddress: '127.0.0.1',
      localPort: 2,
    },
    isAlias: undefined,
    blockedBy: 0,
    isEnding: false,
    isClosed: false,
    requestsOwed: 0,
    requestsAwaited: 1,
    vain: 0,
    inVain() {
      this.vain++;
      return this.vain === 3;
    },
    finalResponse() {
      this.requestsAwaited--;
    },
    block() {
      this.blockedBy++;
    },
    unblock() {
      this.blockedBy--;
    },
    write: (bytes: Buffer, start: number, end: number) =>
      written.push(bytes.toString('latin1', start, end)),
  };
  return { flow: flow as unknown as Flow, written, vain: () => flow.vain };
}

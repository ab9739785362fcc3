import { join } from 'node:path';
import { type Endpoint, hostPort } from './addresses.ts';
import { pathOf } from './available.ts';
import type { CertificateFiles } from './certificates.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { messagesBetween, type TracedMessage } from './trace.ts';
import { isListening } from './wait.ts';

/** A Net::SIP user agent of the partner: its own TLS, its own transactions, its own dialogs. */
export interface NetSipSetup {
  readonly mode: 'call' | 'answer';
  readonly local: Endpoint;
  readonly certificate: CertificateFiles;
  readonly ca: string;
  /** Its own domain, and the one it calls. */
  readonly domain: string;
  readonly peer: string;
  /** Next hop of what it sends, and the name that must be shown there. */
  readonly edge: Endpoint;
}

/** Starts Net::SIP; it ends by itself, with 0 when one call went from INVITE to an answered BYE. */
export function startNetSip(stage: Stage, setup: NetSipSetup): Promise<Program> {
  const settings = {
    host: setup.local.host,
    port: String(setup.local.port),
    chain: setup.certificate.chain,
    key: setup.certificate.key,
    ca: setup.ca,
    domain: setup.domain,
    peer: setup.peer,
    edge: hostPort(setup.edge),
    name: setup.peer,
  };
  return stage.start(
    {
      name: `net-sip-${setup.mode}`,
      command: pathOf('perl') ?? 'perl',
      args: [
        join(import.meta.dirname, '../agents/net-sip.pl'),
        setup.mode,
        ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ],
    },
    () => isListening(setup.local),
  );
}

/** What came to it over the wire. */
export function receivedByNetSip(program: Program): readonly TracedMessage[] {
  return messagesBetween(program.log, '[wire in]', '[wire end]');
}

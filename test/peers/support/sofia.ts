import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, hostPort } from './addresses.ts';
import { pathOf } from './available.ts';
import type { CertificateFiles } from './certificates.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { type TracedMessage, tracedMessage } from './trace.ts';

/** A user agent and server of Sofia-SIP: at the partner, or as our own server. */
export interface SofiaSetup {
  readonly name: string;
  readonly local: Endpoint;
  readonly certificate: CertificateFiles;
  readonly ca: string;
  readonly domain: string;
  /** Domain that it speaks with, and its next hop there. */
  readonly peer: string;
  readonly edge: Endpoint;
  /** What it does, one after the other, to end with 0 when all of it went as it should; absent, it answers. */
  readonly steps?: readonly string[];
}

/** Whatever it can, in an order that makes sense. */
export const SOFIA_STEPS: readonly string[] = [
  ...['options-edge', 'options', 'message', 'subscribe', 'refresh'],
  ...['call', 'info', 'update', 'hold', 'refer', 'bye', 'unsubscribe'],
  ...['call-busy', 'call-slow', 'call-hangup', 'wait-bye'],
];

const SOURCE = join(import.meta.dirname, '../agents/sofia.c');

/** Compiles it into the stage's folder. */
export function compileSofia(stage: Stage): string {
  const program = join(stage.folder, 'sofia');
  const options = ['-Wall', '-Werror', '-I/usr/include/sofia-sip-1.12', '-o', program, SOURCE];
  execFileSync(pathOf('gcc') ?? 'gcc', [...options, '-lsofia-sip-ua'], { stdio: 'inherit' });
  return program;
}

/** Starts it and waits until it listens. */
export function startSofia(stage: Stage, program: string, setup: SofiaSetup): Promise<Program> {
  const certificates = stage.subfolder(setup.name);
  copyFileSync(setup.certificate.both, join(certificates, 'agent.pem'));
  copyFileSync(setup.ca, join(certificates, 'cafile.pem'));
  const settings = {
    host: setup.local.host,
    port: String(setup.local.port),
    certificates,
    domain: setup.domain,
    peer: setup.peer,
    edge: hostPort(setup.edge),
    ...(setup.steps && { steps: setup.steps.join(',') }),
  };
  return stage.start(
    {
      name: setup.name,
      command: program,
      args: Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      environment: { TPORT_LOG: '1' },
    },
    ({ log }) => log.includes('READY'),
  );
}

const RECEIVED = /^recv \d+ bytes from tls\/.*\n {3}-{20,}\n((?: {3}.*\n)*?) {3}-{20,}\n/gm;

/** What came to it over the wire, from its own trace. */
export function receivedBySofia({ log }: Program): readonly TracedMessage[] {
  return [...log.matchAll(RECEIVED)].map(([, lines = '']) =>
    tracedMessage('received', lines.replace(/^ {3}/gm, '')),
  );
}

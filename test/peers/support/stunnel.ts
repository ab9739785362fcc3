import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, hostPort } from './addresses.ts';
import { pathOf } from './available.ts';
import type { CertificateFiles } from './certificates.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { isListening } from './wait.ts';

/** One mutual-TLS tunnel end that gives TLS to a SIPp without TLS. */
export interface StunnelSetup {
  readonly name: string;
  readonly accept: Endpoint;
  readonly connect: Endpoint;
  readonly certificate: CertificateFiles;
  /** Authority of the far side. */
  readonly ca: string;
  /** Newest version it speaks; 1.3 where nothing is said. */
  readonly newestTls?: 'TLSv1.2' | 'TLSv1.3';
}

/** Plain TCP in, TLS out: the far side must show the name that was asked for. */
export function startTunnelOut(
  stage: Stage,
  setup: StunnelSetup & { readonly serverName: string },
): Promise<Program> {
  return start(stage, setup, [
    'client = yes',
    `sni = ${setup.serverName}`,
    `checkHost = ${setup.serverName}`,
  ]);
}

/** TLS in, with a client certificate demanded; plain TCP out. */
export function startTunnelIn(stage: Stage, setup: StunnelSetup): Promise<Program> {
  return start(stage, setup, ['requireCert = yes']);
}

function start(stage: Stage, setup: StunnelSetup, service: readonly string[]): Promise<Program> {
  const file = join(stage.folder, `${setup.name}.conf`);
  const lines = [
    'foreground = yes',
    'debug = 5',
    'pid =',
    `[${setup.name}]`,
    `accept = ${hostPort(setup.accept)}`,
    `connect = ${hostPort(setup.connect)}`,
    `cert = ${setup.certificate.chain}`,
    `key = ${setup.certificate.key}`,
    `CAfile = ${setup.ca}`,
    'verifyChain = yes',
    'sslVersionMin = TLSv1.2',
    `sslVersionMax = ${setup.newestTls ?? 'TLSv1.3'}`,
    ...service,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return stage.start(
    { name: setup.name, command: pathOf('stunnel4') ?? 'stunnel4', args: [file] },
    () => isListening(setup.accept),
  );
}

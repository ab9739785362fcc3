import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, hostPort } from './addresses.ts';
import { pathOf } from './available.ts';
import type { CertificateFiles } from './certificates.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { type TracedMessage, tracedMessage } from './trace.ts';

/** A baresip of the partner; it finds us by DNS, as a telephone would. */
export interface BaresipSetup {
  /** Its TLS socket; one port below it has to be free for its plain one. */
  readonly local: Endpoint;
  readonly certificate: CertificateFiles;
  readonly ca: string;
  readonly domain: string;
  /** Domain that its requests go to first. */
  readonly outboundDomain: string;
  readonly nameServer: string;
  /** URI to call at once; without one it answers calls. */
  readonly callee?: string;
  /** It hangs up and ends after this time. */
  readonly quitAfterS: number;
}

/** Starts baresip and waits until it speaks of its account. */
export function startBaresip(stage: Stage, setup: BaresipSetup): Promise<Program> {
  const folder = stage.subfolder('baresip');
  const { host, port } = setup.local;
  const config = [
    `sip_listen ${hostPort({ host, port: port - 1 })}`,
    `sip_certificate ${setup.certificate.both}`,
    `sip_cafile ${setup.ca}`,
    'sip_verify_server yes',
    `dns_server ${setup.nameServer}`,
    'poll_method epoll',
    'call_max_calls 4',
    'module_path /usr/lib/baresip/modules',
    'module g711.so',
    'module aubridge.so',
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    'audio_source aubridge,none',
    'audio_player aubridge,none',
    'audio_alert aubridge,none',
  ];
  const account = `<sip:agent@${setup.domain};transport=tls>;regint=0;answermode=auto;outbound="sip:${setup.outboundDomain};transport=tls"`;
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`);
  writeFileSync(join(folder, 'accounts'), `${account}\n`);
  writeFileSync(join(folder, 'contacts'), '');
  writeFileSync(join(folder, 'uuid'), '6dbd9f46-0d4c-4b83-a6a5-2f6d4e6f9d10\n');
  const call = setup.callee === undefined ? [] : ['-e', `/dial ${setup.callee}`];
  return stage.start(
    {
      name: 'baresip',
      command: pathOf('baresip') ?? 'baresip',
      args: ['-f', folder, '-4', '-s', '-t', String(setup.quitAfterS), ...call],
    },
    (program) => program.log.includes('baresip is ready'),
  );
}

/** What came to it over the wire, from its own trace (`-s`). */
export function receivedByBaresip(
  program: Program,
  local: Endpoint,
  publicEdge: Endpoint,
): readonly TracedMessage[] {
  return program.log.split('\u001b[36;1m#\n').flatMap((part) => {
    const title = /^TLS (\S+) -> (\S+)\r?\n/.exec(part);
    if (title === null) return [];
    if (title[1] !== hostPort(publicEdge) && title[2] !== hostPort(local)) return [];
    return [tracedMessage('received', part.slice(title[0].length).split('\u001b[;m')[0] ?? '')];
  });
}

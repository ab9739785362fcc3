import type { CommandDescription } from '../command.ts';
import { option, positional, REASON, required } from '../command-parameters.ts';

export const NODE_APPROVE: CommandDescription = {
  words: ['node', 'approve'],
  summary: 'issue the channel certificate of a host that made its own key',
  description: [
    'Takes the request that "sallyport-dmz-proxy request" (or "sallyport node request") made on the host, compares the fingerprint that somebody at the host read out, and writes the certificate for "sallyport-dmz-proxy install" (or "node install"). The private key never leaves the host.',
    'The host must stand in site.yaml under that name and role; a gateway takes an officer. A revoked name is refused until its last certificate has ended. This is also the way back for a host whose certificate ended while it was off.',
  ],
  examples: [
    'sallyport node approve edge-2.csr --node edge-2 --role proxy --fingerprint "ab12 cd34 ..."',
  ],
  parameters: [
    positional('request', 'request file of the host', 'file'),
    { name: 'node', description: 'name of the host', isRequired: true, kind: 'text' },
    required(option('role', 'proxy or gateway', 'ROLE')),
    required(
      option('fingerprint', 'what the host shows: all 64 digits, or the eleven words', 'TEXT'),
    ),
  ],
  role: 'operator',
  answersWithFiles: true,
};

export const NODE_LIST: CommandDescription = {
  words: ['node', 'list'],
  summary: 'show the hosts of this site and their channel certificates',
  description: [
    'A host whose bundle was written with its key has no certificate on record until it renews for the first time.',
  ],
  examples: ['sallyport node list'],
  parameters: [],
};

export const NODE_REVOKE: CommandDescription = {
  words: ['node', 'revoke'],
  summary: 'shut a lost host out, everywhere, at once',
  description: [
    'All gateways close the channels of a proxy, all proxies those of a gateway; neither comes back, whatever certificate it shows, and nobody renews one for it.',
    'A lost gateway also had the keys that gateways share: write new bundles with new keys for the whole site.',
  ],
  examples: ['sallyport node revoke edge-2 --reason "disk gone from the data centre"'],
  parameters: [positional('node', 'name of the host'), REASON],
  role: 'operator',
};

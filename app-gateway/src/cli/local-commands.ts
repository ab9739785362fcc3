import type { CommandOption } from './command-options.ts';
import { gatewayOptions, keyOptions, newKeyOptions, option } from './command-options.ts';

/** A command that the command line carries out itself, as help and manual show it. */
export interface LocalCommand {
  readonly words: readonly [group: string, name: string];
  readonly argument: string;
  readonly argumentDescription: string;
  readonly summary: string;
  readonly description: readonly string[];
  readonly examples: readonly string[];
  readonly options: readonly CommandOption[];
}

export const OPERATOR_KEY: LocalCommand = {
  words: ['operator', 'key'],
  argument: 'OPERATOR',
  argumentDescription: 'your name as operator',
  summary: 'make a signing key of your own; an officer then adds its public half',
  description: [
    'Asks no gateway. The private half is written to a file that a passphrase of at least 12 characters protects; the public half is written to OPERATOR.pub in the current folder.',
  ],
  examples: ['sallyport operator key bob'],
  options: [...newKeyOptions, option('--json', 'answer with one JSON object instead of text')],
};

export const CERT_SELF: LocalCommand = {
  words: ['cert', 'self'],
  argument: 'IDENTITY',
  argumentDescription: 'name of the identity',
  summary: 'make a next key with a certificate of the site’s own federation authority',
  description: [
    'For private federations: "cert request", the answer of the authority that "sallyport init" made, and "cert install" in one. The authority signs here, in the folder of the site; its key goes to no gateway. Partners need the authority as anchor: the next offer holds it.',
  ],
  examples: ['sallyport cert self main --site site'],
  options: [
    option('--site <DIR>', 'folder of the site (default: the current one)'),
    option('--days <DAYS>', 'how long the certificate is good (default 90)'),
    ...keyOptions,
    ...gatewayOptions,
  ],
};

export const LOCAL_COMMANDS: readonly LocalCommand[] = [OPERATOR_KEY, CERT_SELF];

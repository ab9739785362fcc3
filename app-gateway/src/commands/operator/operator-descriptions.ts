import type { CommandDescription } from '../command.ts';
import { option, positional, required } from '../command-parameters.ts';

export const OPERATOR_ADD: CommandDescription = {
  words: ['operator', 'add'],
  summary: 'add a person who may change things',
  description: [
    'Every change is signed by a person with an Ed25519 key of their own. The first operator of a site must be an officer and comes without a signature; afterwards only officers add operators. Names and keys are for good.',
    'Without --public-key the key pair is made here, now, and its private half is written to a file that a passphrase protects; only the public half goes to the gateway. A colleague makes a key on a machine of their own with "sallyport operator key" and sends you the public file.',
  ],
  examples: [
    'sallyport operator add ann --role officer',
    'sallyport operator add bob --role operator --public-key bob.pub',
  ],
  parameters: [
    positional('operator', 'name of the person'),
    required(
      option(
        'role',
        'officer (keeps operators, passes over safeguards), operator (works), auditor (reads)',
        'ROLE',
      ),
    ),
    option(
      'publicKey',
      'public key that "sallyport operator key" wrote (PEM); absent: a key pair is made',
      'FILE',
      'file',
    ),
  ],
  role: 'officer',
  isOpenToFirst: true,
};

export const OPERATOR_LIST: CommandDescription = {
  words: ['operator', 'list'],
  summary: 'show who may change things',
  description: ['Disabled operators stay on the list: their old signatures mean them for good.'],
  examples: ['sallyport operator list'],
  parameters: [],
};

export const OPERATOR_DISABLE: CommandDescription = {
  words: ['operator', 'disable'],
  summary: 'take a person’s rights away, for good',
  description: ['What they signed before stays proved. The last officer cannot be disabled.'],
  examples: ['sallyport operator disable bob --reason "left the company"'],
  parameters: [
    positional('operator', 'name of the person'),
    required(option('reason', 'why; kept in the history', 'TEXT')),
  ],
  role: 'officer',
};

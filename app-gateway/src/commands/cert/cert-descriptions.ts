import { UNUSED_DAYS_DEFAULT } from '../../domain/exchange/sighting/latest-use.ts';
import type { CommandDescription } from '../command.ts';
import {
  forceParameters,
  IDENTITY,
  KEY,
  option,
  positional,
  retireParameters,
} from '../command-parameters.ts';

export const CERT_LIST: CommandDescription = {
  words: ['cert', 'list'],
  summary: 'show our identities, their keys, and who was told of them',
  description: ['The first identity is shown to partners whose settings name none.'],
  examples: ['sallyport cert list'],
  parameters: [],
};

export const CERT_REQUEST: CommandDescription = {
  words: ['cert', 'request'],
  summary: 'make a new key of ours and a request for its certificate',
  description: [
    'The key is made by the gateway, sealed, and leaves it never; the request (PKCS#10) goes to a public or private CA. What is in use stays in use.',
    'Without options the request names all domains of the site, its public host, and the names that listeners advertise. Public CAs refuse names of the form "sip:"; --public-ca leaves them out.',
    'A key of ML-DSA is of use only towards partners whose software speaks TLS 1.3 with it, and with a CA that signs it; no public one does yet. Show it to one such partner first ("cert activate --partner").',
  ],
  examples: [
    'sallyport cert request main',
    'sallyport cert request main --public-ca --kind rsa-3072',
  ],
  parameters: [
    IDENTITY,
    option('domain', 'a SIP domain that it stands for; may be repeated', 'DOMAIN', 'list'),
    option('host', 'a further host name; may be repeated', 'HOST', 'list'),
    option(
      'serverName',
      'a name that clients ask for to be shown it; may be repeated',
      'NAME',
      'list',
    ),
    option('kind', 'ec-p256 (default), rsa-3072, ml-dsa-65 or ml-dsa-87', 'KIND'),
    option('organization', 'name of the company, for CAs that want it', 'NAME'),
    { name: 'publicCa', description: 'leave out what public CAs refuse', kind: 'flag' },
  ],
  role: 'operator',
  answersWithFiles: true,
};

export const CERT_INSTALL: CommandDescription = {
  words: ['cert', 'install'],
  summary: 'check a CA’s answer and give a key its certificate',
  description: [
    'The key must be the one that was requested, a path must lead to a root, every domain of the site that the identity stands for must be covered; purposes, dates and algorithms are judged as those of a partner are. A chain in the wrong order is put right. With an error nothing is installed.',
    'The key is not shown to anybody yet: offer it to the partners, then activate it. A certificate for the key in use (a renewal) takes force at once.',
  ],
  examples: ['sallyport cert install main fullchain.pem --key k2 --anchors root.pem'],
  parameters: [
    IDENTITY,
    positional('file', 'what the CA sent: PEM, DER, PKCS#7 or PKCS#12', 'file'),
    KEY,
    option('anchors', 'root of the CA, where its answer does not hold it', 'FILE', 'file'),
    { name: 'password', description: 'password of the PKCS#12 file', kind: 'secret' },
  ],
  role: 'operator',
};

export const CERT_ACTIVATE: CommandDescription = {
  words: ['cert', 'activate'],
  summary: 'show partners our next key from now on',
  description: [
    'New connections are shown the new key, on all proxies at once; live ones stay. Refused while a partner that may connect was not told of it by an offer, unless an officer gives --force and a reason. The key before it stays until it is retired: one can go back.',
    'With --partner the key is shown to that one partner ahead of the others.',
  ],
  examples: [
    'sallyport cert activate main --key k2 --partner globex',
    'sallyport cert activate main --key k2',
  ],
  parameters: [
    IDENTITY,
    KEY,
    option('partner', 'show it to this partner alone', 'NAME'),
    ...forceParameters,
  ],
  role: 'operator',
};

export const CERT_RETIRE: CommandDescription = {
  words: ['cert', 'retire'],
  summary: 'give up an old key of ours, with its private half',
  description: [
    `Refused for the key in use, and while a live connection was shown it or a handshake showed it within the last days (${UNUSED_DAYS_DEFAULT} unless said otherwise), with to whom, when and over which proxy; an officer may pass over the last with --force and a reason. The private half is erased: there is no way back.`,
  ],
  examples: ['sallyport cert retire main --key k1'],
  parameters: [IDENTITY, KEY, ...retireParameters],
  role: 'operator',
};

import { UNUSED_DAYS_DEFAULT } from '../../domain/exchange/sighting/latest-use.ts';
import type { CommandDescription } from '../command.ts';
import {
  forceParameters,
  option,
  PARTNER,
  positional,
  REASON,
  required,
  retireParameters,
  SET,
} from '../command-parameters.ts';

/** For how many days an offer may be taken unless told. */
export const OFFER_DAYS_DEFAULT = 30;

export const PARTNER_OFFER: CommandDescription = {
  words: ['partner', 'offer'],
  summary: 'write the file that tells a partner of our keys, now and next',
  description: [
    'Writes the signed offer (JSON), the same certificates as PEM and PKCS#7 for partners without Sallyport, and a sheet to print with the fingerprint as digits, as words and as a square code. Send the files however you like; the fingerprint goes over the telephone.',
    'It names the places where partners connect: the public one, and what listeners advertise. For a partner that may speak plain SIP over TCP the answer says where.',
    'An offer holds the key in use and every next one, so that the partner knows a key before it meets it. It counts up: an older one is refused at the other end.',
  ],
  examples: [
    'sallyport partner offer globex --out offers',
    'sallyport partner offer globex --days 7',
  ],
  parameters: [
    PARTNER,
    option('days', `how long it may be taken (default ${OFFER_DAYS_DEFAULT})`, 'DAYS', 'number'),
  ],
  role: 'operator',
  answersWithFiles: true,
};

export const PARTNER_RECEIVE: CommandDescription = {
  words: ['partner', 'receive'],
  summary: 'take in the keys that a partner sent',
  description: [
    'Reads an offer of Sallyport, PEM, DER, PKCS#7 or PKCS#12, shows what is new against what is accepted now, and every problem found. With an error among the problems nothing is taken.',
    'Nothing is trusted yet: two people ring the partner and compare the fingerprint ("partner verify"). Old offers are refused by their number, and so is one signed by a key that no verified set named, unless an officer gives a reason.',
  ],
  examples: [
    'sallyport partner receive globex globex-offer-3.json',
    'sallyport partner receive globex ca.p12 --password-file password.txt',
  ],
  parameters: [
    positional('partner', 'name of the partner'),
    positional('file', 'what the partner sent', 'file'),
    { name: 'password', description: 'password of the PKCS#12 file', kind: 'secret' },
    option(
      'root',
      'SHA-256 of a certificate in the file to trust though it is not self-signed; may be repeated',
      'FINGERPRINT',
      'list',
    ),
    option(
      'newSigner',
      'officer’s reason to take an offer signed by a key that no verified set named',
      'REASON',
    ),
  ],
  role: 'operator',
};

export const PARTNER_VERIFY: CommandDescription = {
  words: ['partner', 'verify'],
  summary: 'say that the partner read you this fingerprint over the telephone',
  description: [
    'Ring the partner on a number that you know from elsewhere, let them read the fingerprint or its eleven words, and type what you hear. Two different people do this; only then can the set be staged.',
    'A partner without Sallyport that sent one root certificate and no more reads out the SHA-256 of that certificate ("openssl x509 -noout -fingerprint -sha256"); several roots are best sent in a file each. No command shows the fingerprint before it was verified.',
    'A wrong fingerprint is refused and written down; the fifth rejects the set. A mistyped word or a missing digit is no attempt.',
  ],
  examples: [
    'sallyport partner verify globex --fingerprint "alpine academy …"',
    'sallyport partner verify globex --set t2 --fingerprint "3f2a 91c0 …"',
  ],
  parameters: [
    PARTNER,
    SET,
    required(option('fingerprint', 'what you heard: 64 digits or eleven words, in quotes', 'TEXT')),
  ],
  role: 'operator',
};

export const PARTNER_STAGE: CommandDescription = {
  words: ['partner', 'stage'],
  summary: 'accept a verified set beside the old ones',
  description: [
    'From now on the partner may connect with its new keys and with its old ones, and change over whenever it likes. No connection is dropped. Once a handshake has used the new keys, the set is shown as seen.',
  ],
  examples: ['sallyport partner stage globex', 'sallyport partner stage globex --set t2'],
  parameters: [PARTNER, SET],
  role: 'operator',
};

export const PARTNER_ACTIVATE: CommandDescription = {
  words: ['partner', 'activate'],
  summary: 'confirm a set that a live handshake used',
  description: [
    'What was accepted on trial is the partner’s set from now on; the old one can be retired. A set that no handshake has used yet is confirmed only by an officer, with --force and a reason.',
  ],
  examples: ['sallyport partner activate globex'],
  parameters: [PARTNER, SET, ...forceParameters],
  role: 'operator',
};

export const PARTNER_RETIRE: CommandDescription = {
  words: ['partner', 'retire'],
  summary: 'stop accepting an old set',
  description: [
    `Refused while a live connection rests on the set, or a handshake used it within the last days (${UNUSED_DAYS_DEFAULT} unless said otherwise), with when, from where and over which proxy; an officer may pass over that with --force and a reason. Then live connections that rest on the set end once their running requests are answered.`,
    'The last accepted set is never retired: to cut a partner off there is "partner sever".',
  ],
  examples: ['sallyport partner retire globex --set t1'],
  parameters: [
    PARTNER,
    { ...required(SET), description: 'which set, such as t1' },
    ...retireParameters,
  ],
  role: 'operator',
};

export const PARTNER_REJECT: CommandDescription = {
  words: ['partner', 'reject'],
  summary: 'put away a received set that is not wanted',
  description: ['What is accepted already is retired instead ("partner retire").'],
  examples: ['sallyport partner reject globex --set t2 --reason "sent by mistake"'],
  parameters: [PARTNER, { ...required(SET), description: 'which set, such as t2' }, REASON],
  role: 'operator',
};

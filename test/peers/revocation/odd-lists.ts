import { issuingPoint, listNumber } from '../../revocation-list-builder.ts';
import { distributionPoints, fullName, madeUp, pointName } from '../../shared/x509/list-stage.ts';
import {
  algorithm,
  authorityKeyId,
  der,
  ecKey,
  extension,
  generalName,
  integer,
  keyUsage,
  nameOf,
  nameOfAttributes,
  sequence,
  utcTime,
} from '../../x509-builder.ts';
import {
  asked,
  DAY_MS,
  type ListQuestion,
  listRoot,
  NOW_MS,
  oddList,
  ROOT,
  SERIAL,
} from './list-question.ts';

const POINT = 'uri:http://lists.example/1';
const named = [distributionPoints([pointName(fullName(POINT))])];
const silent = listRoot({ keyUsage: keyUsage(5) });
const open = listRoot({ keyUsage: null });
const number = (content: string) =>
  extension('2.5.29.20', false, der(2, Buffer.from(content, 'hex')));
const delta = (isCritical: boolean) => extension('2.5.29.27', isCritical, integer(1));

/** Lists as a whole: who signed them, of what version, with what extensions (RFC 5280 §5.1, §5.2). */
export const oddLists: readonly ListQuestion[] = [
  asked('plain', [oddList()]),
  asked('none', []),
  asked('by another key', [oddList({ signer: ecKey() })]),
  asked('two algorithms', [oddList({ outerAlgorithm: algorithm('1.2.840.10045.4.3.3') })]),
  asked('of another name', [oddList({ issuerName: nameOf('CN=another') })]),
  asked('issuer in capitals', [oddList({ issuerName: nameOf('CN=LIST ROOT') })]),
  asked('issuer as Printable', [
    oddList({ issuerName: nameOfAttributes([['2.5.4.3', 0x13, 'list root']]) }),
  ]),
  asked('without issuer', [oddList({ issuerName: sequence() })]),
  asked('by one without cRLSign', [oddList({ issuer: silent })], { issuer: silent }),
  asked('by one without keyUsage', [oddList({ issuer: open })], { issuer: open }),
  asked('version 1', [oddList({ version: 1, number: null })]),
  asked('version 1 with extensions', [oddList({ version: 1 })]),
  asked('version 3', [oddList({ version: 3 })]),
  asked('no entries written out', [oddList({ revoked: sequence() })]),
  asked('something behind it', [Buffer.concat([oddList(), Buffer.of(0)])]),
  asked('cut short', [oddList().subarray(0, -1)]),
  asked('unknown critical extension', [oddList({ extensions: [madeUp(true)] })]),
  asked('unknown extension', [oddList({ extensions: [madeUp(false)] })]),
  asked('unknown extension twice', [oddList({ extensions: [madeUp(false), madeUp(false)] })]),
  asked('no number', [oddList({ number: null, extensions: [madeUp(false)] })]),
  asked('number critical', [oddList({ number: listNumber(1, true) })]),
  asked('number below zero', [oddList({ number: number('ff') })]),
  asked('number of 20 octets', [oddList({ number: number('7f'.repeat(20)) })]),
  asked('number of 21 octets', [oddList({ number: number('7f'.repeat(21)) })]),
  asked('number padded', [oddList({ number: number('0001') })]),
  asked('key id', [oddList({ extensions: [authorityKeyId(ROOT.key)] })]),
  asked('key id of another', [oddList({ extensions: [authorityKeyId(ecKey())] })]),
  asked('issuerAltName', [
    oddList({
      extensions: [extension('2.5.29.18', false, sequence(generalName('dns:c.example')))],
    }),
  ]),
  asked('delta', [oddList({ extensions: [delta(true)] })]),
  asked('delta, not critical', [oddList({ extensions: [delta(false)] })]),
  asked('freshest list', [
    oddList({
      extensions: [extension('2.5.29.46', false, sequence(sequence(pointName(fullName(POINT)))))],
    }),
  ]),
];

/** What a list is for (RFC 5280 §5.2.5, §6.3.3 (b)). */
export const oddScopes: readonly ListQuestion[] = [
  asked('for users', [oddList({ extensions: [issuingPoint(undefined, 1)] })]),
  asked('for authorities', [oddList({ extensions: [issuingPoint(undefined, 2)] })]),
  asked('for users and authorities', [oddList({ extensions: [issuingPoint(undefined, 1, 2)] })]),
  asked('for attributes', [oddList({ extensions: [issuingPoint(undefined, 5)] })]),
  asked('indirect', [oddList({ extensions: [issuingPoint(undefined, 4)] })]),
  asked('for nothing in particular', [oddList({ extensions: [issuingPoint(undefined)] })]),
  asked('some reasons', [
    oddList({
      extensions: [extension('2.5.29.28', true, sequence(der(0x83, Buffer.from('0640', 'hex'))))],
    }),
  ]),
  asked('of the place', [oddList({ extensions: [issuingPoint(fullName(POINT))] })], {
    more: named,
  }),
  asked(
    'of one place of two',
    [oddList({ extensions: [issuingPoint(fullName('uri:http://lists.example/2', POINT))] })],
    { more: named },
  ),
  asked(
    'of another place',
    [oddList({ extensions: [issuingPoint(fullName('uri:http://lists.example/2'))] })],
    { more: named },
  ),
  asked(
    'of another place, revoking',
    [
      oddList({
        extensions: [issuingPoint(fullName('uri:http://lists.example/2'))],
        entries: [{ serial: SERIAL }],
      }),
    ],
    { more: named },
  ),
  asked('of a place, for one without', [oddList({ extensions: [issuingPoint(fullName(POINT))] })]),
  asked('without place, for one with', [oddList()], { more: named }),
];

const time = (ms: number) =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`));
const text = (tag: number, words: string) => der(tag, Buffer.from(words));
const revoking = { entries: [{ serial: SERIAL }] };
const past = {
  thisUpdate: utcTime(NOW_MS - 9 * DAY_MS),
  nextUpdate: utcTime(NOW_MS - 2 * DAY_MS),
};
const ahead = {
  thisUpdate: utcTime(NOW_MS + 2 * DAY_MS),
  nextUpdate: utcTime(NOW_MS + 9 * DAY_MS),
};

/** From when until when a list is good (RFC 5280 §5.1.2.4, §5.1.2.5), and which of several counts. */
export const oddDates: readonly ListQuestion[] = [
  asked('no next update', [oddList({ nextUpdate: null })]),
  asked('no next update, revoking', [oddList({ nextUpdate: null, ...revoking })]),
  asked('past its end', [oddList(past)]),
  asked('past its end, revoking', [oddList({ ...past, ...revoking })]),
  asked('not yet', [oddList(ahead)]),
  asked('not yet, revoking', [oddList({ ...ahead, ...revoking })]),
  asked('a minute ahead', [oddList({ thisUpdate: utcTime(NOW_MS + 60_000) })]),
  asked('until 2060', [oddList({ nextUpdate: text(0x18, '20600101000000Z') })]),
  asked('dates as GeneralizedTime', [
    oddList({ thisUpdate: time(NOW_MS - DAY_MS), nextUpdate: time(NOW_MS + DAY_MS), ...revoking }),
  ]),
  asked('no seconds', [oddList({ thisUpdate: text(0x17, '2601010000Z') })]),
  asked('an offset', [oddList({ thisUpdate: text(0x17, '260101000000+0000') })]),
  asked('no such day', [oddList({ thisUpdate: text(0x17, '260231000000Z') })]),
  asked('old one revokes, new one does not', [
    oddList({ thisUpdate: utcTime(NOW_MS - 3 * DAY_MS), ...revoking }),
    oddList({ number: listNumber(2) }),
  ]),
  asked('old one holds, new one does not', [
    oddList({ thisUpdate: utcTime(NOW_MS - 3 * DAY_MS), entries: [{ serial: SERIAL, reason: 6 }] }),
    oddList({ number: listNumber(2) }),
  ]),
  asked('past one holds, new one does not', [
    oddList({ ...past, entries: [{ serial: SERIAL, reason: 6 }] }),
    oddList({ number: listNumber(2) }),
  ]),
  asked('past one revokes, new one does not', [
    oddList({ ...past, ...revoking }),
    oddList({ number: listNumber(2) }),
  ]),
  asked('past one does not, new one revokes', [
    oddList(past),
    oddList({ number: listNumber(2), ...revoking }),
  ]),
  asked('forged one revokes, own one does not', [
    oddList({ signer: ecKey(), ...revoking }),
    oddList(),
  ]),
];

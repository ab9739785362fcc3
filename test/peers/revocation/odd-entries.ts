import type { EntryDraft, ListDraft } from '../../revocation-list-builder.ts';
import { madeUp } from '../../shared/x509/list-stage.ts';
import { der, extension, generalName, sequence, utcTime } from '../../x509-builder.ts';
import { asked, DAY_MS, type ListQuestion, NOW_MS, oddList, SERIAL } from './list-question.ts';

const MANY = 10_000;

function entries(name: string, ...found: readonly Partial<EntryDraft>[]): ListQuestion {
  const list: Partial<ListDraft> = {
    entries: found.map((entry) => ({ serial: SERIAL, ...entry })),
  };
  return asked(name, [oddList(list)]);
}

const serial = (hex: string) => ({ serial: Buffer.from(hex, 'hex') });
const many = Array.from({ length: MANY }, (_, n) => serial(`40${n.toString(16).padStart(8, '0')}`));
const critical = { extensions: [madeUp(true)] };
const other = serial('52');

/** What a list says of single certificates (RFC 5280 §5.1.2.6, §5.3). */
export const oddEntries: readonly ListQuestion[] = [
  entries('revoked', {}),
  entries('another revoked', other),
  entries('10,000 others', ...many),
  entries('among 10,000', ...many, {}),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 127].map((reason) =>
    entries(`reason ${reason}`, { reason }),
  ),
  entries('another with reason 8', { ...other, reason: 8 }),
  entries('another with reason 7', { ...other, reason: 7 }),
  entries('twice', {}, {}),
  entries('another twice', other, other),
  entries('held and revoked', { reason: 6 }, { reason: 1 }),
  entries('revoked and removed', { reason: 1 }, { reason: 8 }),
  entries('of another with an unknown critical extension', { ...other, ...critical }),
  entries('with an unknown critical extension', critical),
  entries('with an unknown extension', { extensions: [madeUp(false)] }),
  entries('with an unknown extension twice', { extensions: [madeUp(false), madeUp(false)] }),
  entries('with a date of invalidity', {
    extensions: [extension('2.5.29.24', false, der(0x18, Buffer.from('20260101000000Z')))],
  }),
  entries('with a critical date of invalidity', {
    extensions: [extension('2.5.29.24', true, der(0x18, Buffer.from('20260101000000Z')))],
  }),
  entries('of another issuer', {
    extensions: [extension('2.5.29.29', true, sequence(generalName('dn:CN=another')))],
  }),
  entries('of this issuer, by name', {
    extensions: [extension('2.5.29.29', true, sequence(generalName('dn:CN=list root')))],
  }),
  entries('from tomorrow on', { revokedAtMs: NOW_MS + DAY_MS }),
  entries('from before it was issued', { revokedAtMs: NOW_MS - 90 * DAY_MS }),
  entries('by GeneralizedTime', { revokedAt: der(0x18, Buffer.from('20260101000000Z')) }),
  entries('from 2060 on', { revokedAt: der(0x18, Buffer.from('20600101000000Z')) }),
  entries('without seconds', { revokedAt: der(0x17, Buffer.from('2601010000Z')) }),
  entries('of no such day', { revokedAt: der(0x17, Buffer.from('260231000000Z')) }),
  entries('padded', serial('0051')),
  entries('another below zero', serial('ae')),
  entries('another of 21 octets', serial('51'.repeat(21))),
  asked('with an empty list of extensions', [
    oddList({
      revoked: sequence(sequence(der(2, SERIAL), utcTime(NOW_MS - DAY_MS), sequence())),
    }),
  ]),
];

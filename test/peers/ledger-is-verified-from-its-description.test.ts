import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LedgerKeys } from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { recordFault } from '@sallyport/shared/audit/record-check.ts';
import { AUDIT_FIELDS } from '@sallyport/shared/audit/record-fields.ts';
import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { AuditedSite, busySite, exchange } from '../app-gateway/ledger/audited-site.ts';
import { verify } from '../app-gateway/ledger/verify/verifying.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { needs, pathOf } from './support/available.ts';
import { environment } from './support/environment.ts';

const { skip } = needs('python3');
const VERIFIER = fileURLToPath(new URL('description/verify.py', import.meta.url));
const DESCRIPTION = fileURLToPath(new URL('../../docs/audit-format.md', import.meta.url));
const VECTORS = new URL('../vectors/audit/records.json', import.meta.url);
const seed = Number(environment['SEED'] ?? 1);
const FLIPS = 300;
const RECORDS = 20_000;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

interface Case {
  readonly pack: Buffer;
  readonly keys: LedgerKeys;
}

/** What is wrong with each, in the words of a verifier that knows the description alone; null: nothing. */
function ask(packs: readonly Case[], records: readonly Buffer[]) {
  const base64 = (octets: Buffer) => octets.toString('base64');
  const question = {
    packs: packs.map(({ pack, keys }) => ({ pack: base64(pack), keys })),
    records: records.map(base64),
  };
  const { status, stdout, stderr } = spawnSync(pathOf('python3') ?? '', [VERIFIER, DESCRIPTION], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<'packs' | 'records', readonly (string | null)[]>;
}

describe('a verifier that was written from the description alone', { skip }, () => {
  console.log(`seed ${seed}`);
  const random = new SeededRandom(seed);
  /** Both say the same of each: good, or not; good are these, and perhaps others where an octet means nothing. */
  const agree = (cases: Readonly<Record<string, Case>>, good: readonly string[]): number => {
    const answer = ask(Object.values(cases), []);
    let bad = 0;
    for (const [at, [name, { pack, keys }]] of Object.entries(cases).entries()) {
      const { isGood, findings } = verify(pack, { keys });
      const said = `${name}: ${findings.map(({ code }) => code).join()} and ${answer.packs[at]}`;
      assert.equal(answer.packs[at] === null, isGood, said);
      if (good.includes(name)) assert.ok(isGood, said);
      if (!isGood) bad++;
    }
    return bad;
  };

  const { site } = busySite(60);
  const keys = site.publicKeys;
  const entries = site.ledger.list;

  it('takes what is good, and nothing that was changed on the way', async () => {
    const pack = await site.pack();
    const cases: Record<string, Case> = { good: { pack, keys } };
    // The keys that a file brings along are not used by who has some.
    const from = pack.indexOf('sallyport/acme\n');
    for (let flip = 0; flip < FLIPS; flip++) {
      const changed = Buffer.from(pack);
      const at = from + random.below(pack.length - from);
      changed[at] = (changed[at] as number) ^ (1 << random.below(8));
      cases[`octet ${at}`] = { pack: changed, keys };
    }
    for (let cut = 0; cut < 10; cut++) {
      const length = random.below(pack.length);
      cases[`cut at ${length}`] = { pack: pack.subarray(0, length), keys };
    }
    const { length } = Object.keys(cases);
    const bad = agree(cases, ['good']);
    assert.ok(bad > length * 0.9 && bad < length, `${bad} of ${length}`);
  });

  it('says the same of a checkpoint with another bit, wherever it is', async () => {
    const { site: its } = busySite(5);
    const { publicKeys: known } = its;
    const pack = await its.pack();
    const from = pack.indexOf(`${known.origin}\n`);
    const cases: Record<string, Case> = {};
    const end = from + pack.readUInt32BE(from - 4);
    for (let at = from; at < end; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(pack);
        changed[at] = (changed[at] as number) ^ (1 << bit);
        cases[`bit ${bit} of octet ${at}`] = { pack: changed, keys: known };
      }
    }
    const { length } = Object.keys(cases);
    const bad = agree(cases, []);
    // A line of a key that nobody knows changes nothing, and one cosignature of the two is enough.
    assert.ok(bad > length * 0.8 && bad < length, `${bad} of ${length}`);
  });

  it('takes no history of whoever has the keys of the ledger and of witnesses, but for what seals do not tell', async () => {
    const histories: Readonly<Record<string, readonly LedgerEntry[]>> = {
      'the same': entries,
      'a record left out': entries.filter((_, index) => index !== 50),
      'a host left out': entries.filter(({ source }) => source.node !== 'edge-2'),
      'a record twice': [...entries, entries[30] as LedgerEntry],
      'the beginning left out': entries.slice(10),
      'no seals': entries.filter(({ record }) => record[3] !== 2),
      'another site’s run': [...entries, ...busySite(20).site.ledger.list],
      'records of another host': entries.map((entry) =>
        entry.source.node === 'edge-1'
          ? { ...entry, source: { ...entry.source, node: 'edge-2', epoch: 5n } }
          : entry,
      ),
    };
    const cases: Record<string, Case> = {};
    for (const [name, list] of Object.entries(histories)) {
      const cosigned = await site.rebuilt(list, ['edge-1']).pack();
      cases[name] = { pack: cosigned, keys };
      cases[`${name}, without witness`] = { pack: await site.rebuilt(list).pack(), keys };
    }
    assert.equal(agree(cases, ['the same']), 2 * Object.keys(histories).length - 1);
  });

  it('says the same of runs and of keys', async () => {
    const runs = new AuditedSite();
    const first = runs.source('edge-1', 0, 1n).open();
    exchange(first, 1);
    first.seal();
    const seal = first.lastSeal;
    assert.ok(seal);
    exchange(first, 2);
    runs.source('edge-1', 0, 2n).open({ epoch: 1n, seal }).seal();
    for (const node of ['edge-2', 'gateway-1']) runs.source(node, 0, 9n).open().seal();
    runs.checkpoint();
    const without = (of: (entry: LedgerEntry) => boolean) =>
      runs
        .rebuilt(
          runs.ledger.list.filter((entry) => !of(entry)),
          ['edge-2'],
        )
        .pack();
    const other = busySite(20).site.publicKeys;
    const stranger = { 'edge-9': other.witnesses['edge-1'] ?? '' };
    const pack = await site.pack();
    const runKeys = runs.publicKeys;
    const ofFirst = ({ source }: LedgerEntry) => source.epoch === 1n;
    const cases = {
      'killed, and another run': { pack: await runs.pack(), keys: runKeys },
      'first run left out': { pack: await without(ofFirst), keys: runKeys },
      'end of it left out': {
        pack: await without((entry) => ofFirst(entry) && entry.seq > 1),
        keys: runKeys,
      },
      'another ledger’s key': { pack, keys: { ...keys, ledger: other.ledger } },
      'other keys of hosts': { pack, keys: { ...keys, witnesses: other.witnesses } },
      'a host more': { pack, keys: { ...keys, witnesses: { ...keys.witnesses, ...stranger } } },
      'another ledger': { pack, keys: { ...keys, origin: 'sallyport/other' } },
    };
    assert.equal(agree(cases, ['killed, and another run']), Object.keys(cases).length - 1);
  });

  it('says the same of a day that was dropped, by whom ever', async () => {
    const cases: Record<string, Case> = {};
    for (const [name, node, isSealed, isGone] of [
      ['dropped', 'gateway-1', true, true],
      ['announced', 'gateway-1', true, false],
      ['dropped without a seal', 'gateway-1', false, true],
      ['dropped by a proxy', 'edge-1', true, true],
      ['dropped by a proxy that no partner spoke to', 'edge-3', true, true],
    ] as const) {
      const { site: its, sources } = busySite(60);
      its.keys.set('edge-3', generateKeyPairSync('ed25519').privateKey);
      const channel = { peerNode: 'edge-3', connection: 0 };
      sources[0]?.write('channel-opened', channel).seal();
      its.source('edge-3', 0, 1n).open().seal();
      const teller = its.source(node, 5, 0x99n).open();
      const day = { day: '2026-11-20', firstIndex: 0, endIndex: 64 };
      teller.write('day-dropped', { day: day.day, firstIndex: 0n, entries: 64n });
      if (isSealed) teller.seal();
      const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
      if (isGone) its.ledger.dropped.push({ ...day, ...rest });
      its.checkpoint();
      cases[name] = { pack: await its.pack(), keys: its.publicKeys };
    }
    assert.equal(agree(cases, ['dropped', 'announced']), 3);
  });

  it('says the same of days that went around one that is kept, and of what was said of them', async () => {
    const cases: Record<string, Case> = {};
    type Places = readonly [first: number, end: number];
    for (const [name, gone, told] of [
      [
        'around one that is kept',
        [
          [0, 40],
          [60, 90],
        ],
        ['day-dropped'],
      ],
      [
        'one of them without a word',
        [
          [0, 40],
          [60, 90],
          [95, 98],
        ],
        ['day-dropped'],
      ],
      ['taken back', [[0, 40]], ['day-dropped', 'day-kept']],
      ['taken back, and dropped after that', [[0, 40]], ['day-dropped', 'day-kept', 'day-dropped']],
      ['taken back alone', [], ['day-dropped', 'day-kept']],
    ] as readonly (readonly [string, readonly Places[], readonly AuditTypeName[]])[]) {
      const { site: its, sources } = busySite(100);
      const [gateway] = sources;
      const day = '2026-11-20';
      for (const type of told) {
        for (const [first, end] of [
          ...gone.slice(0, 2),
          ...(gone.length === 0 ? [[0, 40]] : []),
        ] as Places[]) {
          const fields = { day, firstIndex: BigInt(first), entries: BigInt(end - first) };
          const size = type === 'day-kept' && { treeSize: BigInt(its.ledger.list.length) };
          gateway?.write(type, { ...fields, ...size }).seal();
        }
      }
      for (const [firstIndex, endIndex] of gone) {
        const rest = { firstMs: 0, lastMs: 0, recordBytes: 0, droppedAtMs: 1 };
        its.ledger.dropped.push({ day, firstIndex, endIndex, ...rest });
      }
      its.checkpoint();
      cases[name] = { pack: await its.pack(), keys: its.publicKeys };
    }
    const good = [
      'around one that is kept',
      'taken back, and dropped after that',
      'taken back alone',
    ];
    assert.equal(agree(cases, good), 2);
  });

  it('reads the same records, and no others', () => {
    const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as readonly { hex: string }[];
    const records: Buffer[] = vectors.map(({ hex }) => Buffer.from(hex, 'hex'));
    for (let made = 0; made < RECORDS; made++) {
      const one = records[random.below(vectors.length)] as Buffer;
      records.push(damaged(random, one));
    }
    const answer = ask([], records);
    const here = records.map((record) => recordFault(record, 0, record.length));
    for (const [at, record] of records.entries()) {
      const said = `${record.toString('hex')}: ${here[at]} and ${answer.records[at]}`;
      assert.equal(answer.records[at] === null, here[at] === undefined, said);
    }
    const sound = here.filter((fault) => fault === undefined).length;
    assert.ok(sound > RECORDS / 20 && sound < RECORDS, `${sound} of ${RECORDS}`);
  });
});

/** A record with a field more or less, a field's value cut or drawn out, or other bits, and a length that fits it. */
function damaged(random: SeededRandom, record: Buffer): Buffer {
  const head = Buffer.from(record.subarray(0, 14));
  const fields = fieldsOf(record);
  const at = random.below(fields.length + 1);
  const field = fields[at];
  const some = AUDIT_FIELDS[random.below(AUDIT_FIELDS.length)]?.id ?? 0;
  if (field === undefined) fields.push(Buffer.from([some, 2, 0, random.below(256)]));
  else {
    const start = (field[1] as number) < 128 ? 2 : 3;
    const value = field.subarray(start);
    const changed = [
      () => [],
      () => [field, field],
      () => [withLength(field[0] as number, value.subarray(0, -1))],
      () => [withLength(field[0] as number, Buffer.concat([value, Buffer.from([0])]))],
      () => [withLength(some, value)],
      () => [flipped(random, field)],
      () => [flipped(random, field)],
    ][random.below(7)]?.();
    fields.splice(at, 1, ...(changed ?? []));
  }
  if (random.below(20) === 0) head[3] = random.below(80);
  const whole = Buffer.concat([head, ...fields]);
  whole.writeUInt16BE(Math.min(whole.length, 0xff_ff), 0);
  return whole;
}

function fieldsOf(record: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 14; at < record.length; ) {
    const isLong = (record[at + 1] as number) >= 128;
    const length = isLong ? record.readUInt16BE(at + 1) & 0x7f_ff : (record[at + 1] as number);
    const end = at + (isLong ? 3 : 2) + length;
    fields.push(record.subarray(at, end));
    at = end;
  }
  return fields;
}

function withLength(field: number, value: Buffer): Buffer {
  const { length } = value;
  const head = length < 128 ? [field, length] : [field, 0x80 | (length >> 8), length & 0xff];
  return Buffer.concat([Buffer.from(head), value]);
}

function flipped(random: SeededRandom, field: Buffer): Buffer {
  const changed = Buffer.from(field);
  const at = random.below(changed.length);
  changed[at] = (changed[at] as number) ^ (1 << random.below(8));
  return changed;
}

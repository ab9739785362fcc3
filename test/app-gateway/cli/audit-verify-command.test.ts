import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { auditVerifyCommand } from '@sallyport/app-gateway/cli/audit-verify-command.ts';
import { auditCompare } from '@sallyport/app-gateway/commands/audit/audit-compare.ts';
import type { InclusionProof } from '@sallyport/app-gateway/commands/audit/audit-proof.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import { joinedChecks, type SearchCheckPage } from '@sallyport/app-gateway/ledger/search-check.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { formatNote, signNote } from '@sallyport/shared/audit/note.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { AuditBench } from '../commands/audit/audit-bench.ts';
import { surroundingsOf } from './test-surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
const surroundings = surroundingsOf(folder);
const socket = join(folder, 'admin.sock');
let audit: AuditBench;

before(async () => {
  audit = await AuditBench.open();
  const { site } = audit;
  writeFileSync(join(folder, 'good.pack'), await site.pack());
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(site.publicKeys));
  writeFileSync(join(folder, 'checkpoint.txt'), site.ledger.stored.at(-1)?.note ?? '');
  const list = [...site.ledger.list];
  site.ledger.list.splice(100, 3);
  writeFileSync(join(folder, 'bad.pack'), await site.pack());
  site.ledger.list.splice(0, site.ledger.list.length, ...list);
  const [proof] = (
    await audit.bench.done<InclusionProof>(['audit', 'proof'], { index: 7, out: true })
  ).files;
  const text = proof?.text ?? '';
  writeFileSync(join(folder, '7.tlog-proof'), text);
  writeFileSync(join(folder, '8.tlog-proof'), text.replace('index 7', 'index 8'));
  writeFileSync(join(folder, 'half.tlog-proof'), text.slice(0, 100));
  writeFileSync(join(folder, 'huge'), 'x'.repeat(262_145));
  const listening = await audit.bench.server.listen(socket);
  assert.ok(listening.ok);
});

after(async () => {
  await audit.close();
  rmSync(folder, { recursive: true });
});

describe('sallyport audit verify', () => {
  const kept = { keys: 'keys.json', checkpoint: 'checkpoint.txt' };

  it('a good file: 0, and what it proves', async () => {
    const { exitCode, text, json } = await auditVerifyCommand('good.pack', kept, surroundings);
    assert.equal(exitCode, 0, text);
    assert.equal(json['ok'], true);
    assert.match(text, /ledger sallyport\/acme: 430 records, index 0 to 429, tree/);
    assert.match(text, /witnessed up to 430 by edge-1, edge-2/);
    assert.match(text, /good: no fault was found$/);
    assert.doesNotMatch(text, /doubt/);
  });

  it('without keys of one’s own it says what that is worth', async () => {
    const { exitCode, text } = await auditVerifyCommand('good.pack', {}, surroundings);
    assert.equal(exitCode, 0);
    assert.match(text, /doubt {2}keys-not-pinned: the keys are the file’s own/);
    const strict = await auditVerifyCommand('good.pack', { strict: true }, surroundings);
    assert.equal(strict.exitCode, 1);
    const pinned = await auditVerifyCommand('good.pack', { ...kept, strict: true }, surroundings);
    assert.equal(pinned.exitCode, 0);
  });

  it('a bad file: 1, with every fault and its place', async () => {
    const { exitCode, text, json } = await auditVerifyCommand('bad.pack', kept, surroundings);
    assert.equal(exitCode, 1);
    assert.equal(json['ok'], false);
    assert.match(text, /FAULT {2}records-missing: records are missing here \(index 100 to 102\)/);
    assert.match(text, /FAULT {2}sequence-hole: .* \(edge-\d\/0\/[0-9a-f]{16}, number \d+/);
    assert.match(text, /NOT GOOD: \d+ faults$/);
  });

  it('what a gateway has now', async () => {
    const { exitCode, text } = await auditVerifyCommand(
      undefined,
      { ...kept, live: true, socket },
      surroundings,
    );
    assert.equal(exitCode, 0, text);
    assert.match(text, /430 records/);
    assert.match(text, /what searches read was compared with 430 records/);
  });

  describe('what a gateway’s searches read is not what the records say', () => {
    before(() => {
      audit.site.ledger.searched.tampered = (row) => [
        row.index === 77 ? { ...row, partner: 'initech' } : row,
      ];
    });
    after(() => {
      audit.site.ledger.searched.tampered = (row) => [row];
    });

    it('1 with --live, though everything is proved', async () => {
      const options = { ...kept, live: true, socket };
      const { exitCode, text, json } = await auditVerifyCommand(undefined, options, surroundings);
      assert.equal(exitCode, 1);
      assert.equal(json['ok'], false);
      assert.match(text, /these records give the signed root of 430/);
      assert.match(text, /FAULT {2}columns-changed: .* \(index 77, partner\)\nNOT GOOD: 1 fault$/);
    });

    it('0 for a file, in which it is not', async () => {
      const { exitCode, text } = await auditVerifyCommand('good.pack', kept, surroundings);
      assert.equal(exitCode, 0);
      assert.doesNotMatch(text, /compared/);
    });

    it('is what "audit compare" says', async () => {
      const pages = await audit.pages<SearchCheckPage>(auditCompare as AnyCommand, {});
      const page = pages.reduce(joinedChecks);
      assert.equal(auditCompare.isBad?.(page), true);
      assert.match(
        auditCompare.text(page),
        /^what searches read was compared with 430 records\nFAULT {2}columns-changed: .*\nNOT GOOD: 1 fault$/,
      );
    });
  });

  describe('an old checkpoint and what a gateway has now', () => {
    const verdict = async (text: string) => {
      writeFileSync(join(folder, 'old.txt'), text);
      const options = { keys: 'keys.json', checkpoint: 'old.txt', live: true, socket };
      const { exitCode, json } = await auditVerifyCommand(undefined, options, surroundings);
      const { findings } = json['answer'] as { findings: { code: string }[] };
      assert.equal(json['ok'], exitCode === 0);
      return [exitCode, findings.map(({ code }) => code)];
    };
    const signed = (origin: string, size: number, key = audit.site.ledgerKey) => {
      const text = formatCheckpoint({ origin, size, root: Buffer.alloc(32, 9), extensions: [] });
      return formatNote({ text, signatures: [signNote(text, origin, key)] });
    };

    it('fit', async () => {
      const { stored } = audit.site.ledger;
      for (const { note, cosignatures } of stored) {
        const cosigned = `${note}${Object.values(cosignatures).join('')}`;
        assert.deepEqual(await verdict(cosigned), [0, []]);
      }
    });

    it('fit where the days of that checkpoint were dropped since', async () => {
      const { dropped, stored } = audit.site.ledger;
      const day = { day: '2026-11-20', firstIndex: 0, endIndex: 130, firstMs: 0, lastMs: 0 };
      dropped.push({ ...day, recordBytes: 0, droppedAtMs: 1 });
      try {
        const [, codes] = await verdict(stored[0]?.note ?? '');
        assert.ok(!codes?.toString().includes('known-'), String(codes));
      } finally {
        dropped.pop();
      }
    });

    it('do not: another ledger, another history, more records, nobody’s signature', async () => {
      const thief = generateKeyPairSync('ed25519').privateKey;
      const another = [1, ['known-of-another']];
      assert.deepEqual(await verdict(signed('sallyport/other', 91)), another);
      assert.deepEqual(await verdict(signed('sallyport/acme', 431)), [1, ['older-than-known']]);
      assert.deepEqual(await verdict(signed('sallyport/acme', 91, thief)), [
        1,
        ['known-not-signed'],
      ]);
      assert.deepEqual(await verdict(signed('sallyport/acme', 430)), [1, ['known-differs']]);
      const [exitCode, codes] = await verdict(signed('sallyport/acme', 90));
      assert.equal(exitCode, 1);
      assert.ok(codes?.toString().includes('known-differs'), String(codes));
    });
  });

  it('the proof of a record: 0 with keys of one’s own, 1 where something in it is not so', async () => {
    const { keys } = kept;
    const good = await auditVerifyCommand('7.tlog-proof', { keys, strict: true }, surroundings);
    assert.equal(good.exitCode, 0, good.text);
    assert.match(good.text, /ledger sallyport\/acme: record 7, tree of 430/);
    assert.equal((good.json['answer'] as { index?: number }).index, 7);
    const bad = await auditVerifyCommand('8.tlog-proof', { keys }, surroundings);
    assert.equal(bad.exitCode, 1);
    assert.equal(bad.json['ok'], false);
    assert.match(bad.text, /FAULT {2}record-not-proven: .* \(index 8\)\nNOT GOOD: 1 fault$/);
  });

  it('says whose keys they are, where they are of another ledger', async () => {
    const keys = { ...audit.site.publicKeys, origin: 'sallyport/globex' };
    writeFileSync(join(folder, 'globex.json'), JSON.stringify(keys));
    const { text } = await auditVerifyCommand('good.pack', { keys: 'globex.json' }, surroundings);
    const [first] = text.split('\n').filter((line) => line.startsWith('FAULT'));
    assert.match(first ?? '', /origin-wrong: .* \(the keys are of sallyport\/globex\)$/);
  });

  it('says of many checkpoints once what is wrong with all of them', async () => {
    const { site } = audit;
    const thief = rawPublicKey(generateKeyPairSync('ed25519').privateKey).toString('base64');
    const keys = { ...site.publicKeys, ledger: thief };
    writeFileSync(join(folder, 'thief.json'), JSON.stringify(keys));
    const options = { keys: 'thief.json' };
    const { text, json } = await auditVerifyCommand('good.pack', options, surroundings);
    const { findings } = json['answer'] as { findings: { code: string }[] };
    const count = findings.filter(({ code }) => code === 'ledger-key-wrong').length;
    assert.ok(count > 4);
    assert.equal(text.match(/ledger-key-wrong: the checkpoint/g)?.length, 3);
    assert.match(text, new RegExp(`ledger-key-wrong: ${count - 3} more, the last: size 430\n`));
  });

  const refused: readonly (readonly [
    string,
    string | undefined,
    Parameters<typeof auditVerifyCommand>[1],
    RegExp,
  ])[] = [
    ['a proof without keys', '7.tlog-proof', {}, /give --keys/],
    ['a proof with a checkpoint', '7.tlog-proof', kept, /no --checkpoint/],
    ['half a proof', 'half.tlog-proof', { keys: 'keys.json' }, /is no proof of a record/],
    ['a file that is not there', 'none.pack', {}, /no such file/],
    ['keys that are not there', 'good.pack', { keys: 'none' }, /no such file/],
    ['a checkpoint that is not there', 'good.pack', { checkpoint: 'none' }, /no such file/],
    ['a checkpoint that is none', 'good.pack', { checkpoint: 'keys.json' }, /holds no checkpoint/],
    ['a checkpoint far too large', 'good.pack', { checkpoint: 'huge' }, /holds no checkpoint/],
    ['keys far too large', 'good.pack', { keys: 'huge' }, /holds no keys/],
    ['keys that are none', 'good.pack', { keys: 'checkpoint.txt' }, /holds no keys/],
    [
      'a gateway that is not there',
      undefined,
      { live: true, socket: 'none.sock' },
      /no gateway answers/,
    ],
  ];
  for (const [name, file, options, message] of refused) {
    it(`refuses ${name}`, async () => {
      const { exitCode, text } = await auditVerifyCommand(file, options, surroundings);
      assert.equal(exitCode, 1);
      assert.match(text, message);
    });
  }

  it('says of a file that is no pack that it is none', async () => {
    const { exitCode, text } = await auditVerifyCommand('keys.json', kept, surroundings);
    assert.equal(exitCode, 1);
    assert.match(text, /^refused: keys\.json is no pack of a ledger/);
  });
});

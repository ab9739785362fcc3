import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { auditVerifyCommand } from '@sallyport/app-gateway/cli/audit-verify-command.ts';
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
    assert.match(text, /ledger sallyport\/acme: 430 records, index 0 to 430/);
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
  });

  const refused: readonly (readonly [
    string,
    string | undefined,
    Parameters<typeof auditVerifyCommand>[1],
    RegExp,
  ])[] = [
    ['neither file nor --live', undefined, {}, /give FILE, or --live/],
    ['both', 'good.pack', { live: true }, /give FILE, or --live/],
    ['a file that is not there', 'none.pack', {}, /no such file/],
    ['keys that are not there', 'good.pack', { keys: 'none' }, /no such file/],
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

  it('calls a file that is no pack torn or malformed', async () => {
    const { exitCode, text } = await auditVerifyCommand('keys.json', kept, surroundings);
    assert.equal(exitCode, 1);
    assert.match(text, /FAULT {2}file-/);
  });
});

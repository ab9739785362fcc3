import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { Verification } from '@sallyport/app-gateway/ledger/verify/verification.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import { ExchangeSite } from '../integration/support/exchange-site.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { PairProcess } from '../integration/support/pair-process.ts';
import { until } from '../peers/support/wait.ts';

const LEDGER_MS = 15_000;
const RESTART_MS = 40_000;
const MESSAGES = 5;

const MESSAGE = {
  uri: 'sip:bob@globex.example',
  from: '<sip:alice@acme.example>',
  to: '<sip:bob@globex.example>',
  sentBy: 'chat.acme.internal',
  body: 'a secret',
};

interface Found {
  readonly entries: readonly EntryView[];
}

describe('the ledger by the command line, of two sites that talk', { timeout: 120_000 }, () => {
  let acme: ExchangeSite;
  let globex: ExchangeSite;
  const again: PairProcess[] = [];

  before(async () => {
    [acme, globex] = await Promise.all([ExchangeSite.open('acme'), ExchangeSite.open('globex')]);
    await Promise.all([acme.addPartner(globex), globex.addPartner(acme)]);
    await Promise.all([acme.takeKeysOf(globex), globex.takeKeysOf(acme)]);
    const line = await acme.line();
    for (let number = 0; number < MESSAGES; number++) {
      const { status } = await line.ask(requestText('MESSAGE', MESSAGE));
      assert.equal(status, 200);
    }
  });
  after(async () => {
    await Promise.all(again.map((program) => program.stop()));
    await Promise.all([acme?.close(), globex?.close()]);
  });

  const search = (site: ExchangeSite, ...options: string[]): Promise<Found> =>
    site.done<Found>('audit', 'search', ...options);

  it('finds every message at both ends, and what was changed by whom', async () => {
    for (const [site, partner, type] of [
      [acme, 'globex', 'message-sent'],
      [globex, 'acme', 'message-admitted'],
    ] as const) {
      const found = await until(`${site.name} to have its records`, LEDGER_MS, async () => {
        const { entries } = await search(site, '--partner', partner, '--type', type);
        return entries.length >= MESSAGES ? entries : undefined;
      });
      assert.equal(found.length, MESSAGES);
      const { entries } = await search(site, '--type', 'partner-changed');
      assert.ok(entries.some(({ fields }) => fields['author'] === 'bob'));
    }
  });

  it('says on which day it began', async () => {
    const { entries } = await search(globex, '--type', 'day-begun');
    const begun = entries.at(-1);
    assert.ok(begun);
    assert.deepEqual([begun.fields['firstIndex'], begun.fields['previousDay']], [0, undefined]);
    assert.match(String(begun.fields['day']), /^20\d\d-\d\d-\d\d$/);
  });

  it('finds them by the address that they came from, however it is written', async () => {
    for (const source of ['127.0.0.1', '::ffff:127.0.0.1', '::FFFF:7F00:1']) {
      const words = ['--source', source, '--type', 'message-admitted'];
      const { entries } = await search(globex, ...words);
      assert.equal(entries.length, MESSAGES, source);
    }
  });

  it('draws one of them', async () => {
    const { entries } = await search(globex, '--type', 'message-admitted', '--limit', '1');
    const callId = String(entries[0]?.fields['callId']);
    const shown = await until('the answer to be there too', LEDGER_MS, async () => {
      const answer = await globex.done<{ ladder: { steps: readonly { label: string }[] } }>(
        ...['audit', 'show', callId],
      );
      return answer.ladder.steps.length >= 2 ? answer.ladder : undefined;
    });
    assert.match(shown.steps.map(({ label }) => label).join('\n'), /MESSAGE[\s\S]*200/);
  });

  it('finds a call by the Call-ID of the inner server, which the partner never saw', async () => {
    const callId = 'inner-7@chat.acme.internal';
    const line = await acme.line();
    const { status } = await line.ask(requestText('MESSAGE', { ...MESSAGE, callId }));
    assert.equal(status, 200);
    const [sent] = await until('the message to be on record', LEDGER_MS, async () => {
      const { entries } = await search(acme, '--call-id', callId, '--type', 'message-sent');
      return entries.length > 0 ? entries : undefined;
    });
    const masked = String(sent?.fields['callId']);
    assert.doesNotMatch(masked, /inner|acme/);
    for (const asked of [callId, masked]) {
      const { ladder } = await acme.done<{ ladder: { steps: readonly { label: string }[] } }>(
        ...['audit', 'show', asked],
      );
      assert.match(ladder.steps.map(({ label }) => label).join('\n'), /MESSAGE[\s\S]*200/, asked);
    }
  });

  it('is verified from a file with keys kept elsewhere; a changed copy is not', async () => {
    await until('witnesses', LEDGER_MS, async () => {
      const { witnessedSize } = await globex.done<{ witnessedSize?: number }>('audit', 'stats');
      return (witnessedSize ?? 0) > MESSAGES ? true : undefined;
    });
    await globex.done('audit', 'keys', '--out', 'kept');
    await globex.done('audit', 'export', '--format', 'pack', '--out', 'all.pack');
    const kept = ['--keys', 'kept/ledger-keys.json', '--checkpoint', 'kept/ledger-checkpoint.txt'];
    const report = await globex.done<VerifyReport>('audit', 'verify', 'all.pack', ...kept);
    assert.deepEqual(
      report.findings.filter(({ severity }) => severity === 'fault'),
      [],
    );
    assert.equal(report.provenSize, report.size);
    assert.deepEqual(report.witnessed?.nodes, ['edge-1']);
    const live = await globex.done<VerifyReport>('audit', 'verify', '--live', ...kept);
    assert.equal(live.isGood, true, JSON.stringify(live.findings));
    const copy = readFileSync(join(globex.folder, 'all.pack'));
    const at = copy.indexOf('alice@acme.example');
    assert.ok(at > 0);
    assert.equal(copy.indexOf(MESSAGE.body), -1, 'bodies are not recorded');
    copy.write('mallo', at);
    writeFileSync(join(globex.folder, 'changed.pack'), copy);
    const verification = new Verification();
    verification.push(copy);
    const codes = verification.end().findings.map(({ code }) => code);
    assert.ok(
      codes.includes('record-changed') && codes.includes('seal-records-wrong'),
      codes.join(),
    );
    await globex.refused('audit', 'verify', 'changed.pack', ...kept);
  });

  it('has what searches read made anew by an operator, on record with the signature', async () => {
    const reason = ['--reason', 'a trial of it'];
    const done = await globex.done<{ compared: number; mended: number; findings: unknown[] }>(
      ...['audit', 'rebuild', ...reason, ...globex.as('bob')],
    );
    assert.ok(done.compared > MESSAGES);
    assert.deepEqual([done.mended, done.findings], [0, []]);
    await globex.refused('audit', 'rebuild', ...reason);
    const begun = await until('it to be on record', LEDGER_MS, async () => {
      const { entries } = await search(globex, '--type', 'configuration-changed');
      return entries.find(({ fields }) => fields['command'] === 'audit-rebuild');
    });
    const { author, note, authorSignature } = begun.fields;
    assert.deepEqual([author, note], ['bob', 'a trial of it']);
    assert.match(String(authorSignature), /^[0-9a-f]{128}$/);
  });

  it('goes into files for others, and proves one record', async () => {
    for (const format of ['jsonl', 'csv', 'rfc6873']) {
      await globex.done('audit', 'export', '--format', format, '--out', `all.${format}`);
      assert.match(
        readFileSync(join(globex.folder, `all.${format}`), 'utf8'),
        /alice@acme.example/,
      );
    }
    const month = new Date().toISOString().slice(0, 7);
    const report = ['audit', 'report', '--partner', 'acme', '--month', month];
    await globex.done(...report, '--out', 'acme.html');
    const html = readFileSync(join(globex.folder, 'acme.html'), 'utf8');
    // And the one with a Call-ID of the inside.
    assert.match(html, new RegExp(`<td>MESSAGE</td><td class="number">${MESSAGES + 1}</td>`));
    await globex.done('audit', 'proof', '0');
  });

  for (const [program, node, method] of [
    ['dmz-proxy', 'edge-1', 'OPTIONS'],
    ['app-gateway', 'gateway-1', 'MESSAGE'],
  ] as const) {
    it(`is content after ${program} was killed, and says what that left`, async () => {
      // What is under way has no seal yet.
      const line = await acme.line();
      void line.ask(requestText('MESSAGE', MESSAGE)).catch(() => undefined);
      await globex.done('partner', 'change', 'acme', '--method', method, ...globex.as('bob'));
      await (program === 'dmz-proxy' ? globex.proxy : globex.gateway).kill();
      again.push(new PairProcess(program, join(globex.folder, `site/hosts/${node}`)));
      await until(`the next run of ${node} to be witnessed`, RESTART_MS, async () => {
        const found = await search(globex, '--node', node, '--type', 'stream-opened').catch(
          () => undefined,
        );
        const [newest, before] = found?.entries ?? [];
        if (newest === undefined || before === undefined) return undefined;
        assert.equal(newest.fields['previousEpoch'], before.epoch);
        const { witnessedSize } = await globex.done<{ witnessedSize?: number }>('audit', 'stats');
        return (witnessedSize ?? 0) > newest.index ? true : undefined;
      });
      const live = await globex.done<VerifyReport>('audit', 'verify', '--live');
      const codes = new Set(live.findings.map(({ code }) => code));
      codes.delete('keys-not-pinned');
      codes.delete('tail-unsealed-after-kill');
      codes.delete('tail-not-yet-sealed');
      assert.deepEqual([...codes], []);
    });
  }

  it('is content after a proxy was stopped in order, whose next run names its last seal', async () => {
    const [killed] = again;
    assert.equal(await killed?.stop(), 0);
    again.push(new PairProcess('dmz-proxy', join(globex.folder, 'site/hosts/edge-1')));
    const opened = await until('the next run of edge-1', RESTART_MS, async () => {
      const found = await search(globex, '--node', 'edge-1', '--type', 'stream-opened');
      return found.entries.length === 3 ? found.entries[0] : undefined;
    });
    assert.match(String(opened.fields['previousSeal']), /^[0-9a-f]{64}$/);
    await until('that to be signed', LEDGER_MS, async () => {
      const { witnessedSize } = await globex.done<{ witnessedSize?: number }>('audit', 'stats');
      return (witnessedSize ?? 0) > opened.index ? true : undefined;
    });
    const { findings } = await globex.done<VerifyReport>('audit', 'verify', '--live');
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'fault'),
      [],
    );
  });
});

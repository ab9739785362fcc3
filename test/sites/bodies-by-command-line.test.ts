import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import { ExchangeSite } from '../integration/support/exchange-site.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { until } from '../peers/support/wait.ts';

const LEDGER_MS = 15_000;
const DAY_MS = 86_400_000;
const WHY = 'court order 4 C 12/26';
/** Who of globex is written to, and what. */
const WORDS = [
  ['chair', 'words for the board'],
  ['bob', 'words about lunch'],
  ['chair', 'more words for the board'],
] as const;
/** `eve` has a key, and is no auditor of the site. */
const KEYS = ['anna', 'ben', 'eve'] as const;

interface Revealed {
  readonly body: string;
}

interface Match {
  readonly isSame: boolean;
  readonly reading?: string;
}

describe('recorded bodies by the command line, of two sites that talk', {
  timeout: 150_000,
}, () => {
  let acme: ExchangeSite;
  let globex: ExchangeSite;
  const recorded: EntryView[] = [];
  const kept = ['--keys', 'kept/ledger-keys.json', '--checkpoint', 'kept/ledger-checkpoint.txt'];

  before(async () => {
    [acme, globex] = await Promise.all([ExchangeSite.open('acme'), ExchangeSite.open('globex')]);
    await Promise.all([acme.addPartner(globex), globex.addPartner(acme)]);
    await Promise.all([acme.takeKeysOf(globex), globex.takeKeysOf(acme)]);
    await Promise.all([
      recordingOf(acme, { name: 'all-of-globex', partner: 'globex' }),
      recordingOf(globex, { name: 'board', users: ['chair@globex.example'] }),
    ]);
    const line = await acme.line();
    for (const [user, body] of WORDS) {
      const to = `sip:${user}@globex.example`;
      const { status } = await line.ask(
        requestText('MESSAGE', {
          uri: to,
          from: '<sip:alice@acme.example>',
          to: `<${to}>`,
          sentBy: 'chat.acme.internal',
          body,
        }),
      );
      assert.equal(status, 200);
    }
  });
  after(() => Promise.all([acme?.close(), globex?.close()]));

  const found = async (site: ExchangeSite, type: string): Promise<readonly EntryView[]> => {
    const answer = await site.done<{ entries: readonly EntryView[] }>(
      ...['audit', 'search', '--type', type],
    );
    return answer.entries.toReversed();
  };
  const reveal = (entry: EntryView | undefined, auditor: string, ...why: string[]): string[] => [
    ...['audit', 'reveal', String(entry?.index)],
    ...['--auditor-key', `${auditor}.key`, '--auditor-passphrase-file', `${auditor}.pass`],
    ...why,
    ...globex.as('bob'),
  ];
  const because = ['--reason', WHY];

  it('are those of a partner at one site and of a user at the other', async () => {
    for (const [site, rule, users] of [
      [acme, 'all-of-globex', ['chair', 'bob', 'chair']],
      [globex, 'board', ['chair', 'chair']],
    ] as const) {
      const entries = await until(`${site.name} to have its bodies`, LEDGER_MS, async () => {
        const some = await found(site, 'body-recorded');
        return some.length >= users.length ? some : undefined;
      });
      assert.deepEqual(
        entries.map(({ fields }) => [fields['rule'], String(fields['to']), fields['recipients']]),
        users.map((user) => [rule, `<sip:${user}@globex.example>`, ['anna', 'ben']]),
      );
      if (site === globex) recorded.push(...entries);
    }
  });

  it('are read by each auditor, and who read what and why is on record', async () => {
    const [first, second] = recorded;
    for (const [entry, auditor, words] of [
      [first, 'anna', WORDS[0][1]],
      [first, 'ben', WORDS[0][1]],
      [second, 'anna', WORDS[2][1]],
    ] as const) {
      const { body } = await globex.done<Revealed>(...reveal(entry, auditor, ...because));
      assert.equal(Buffer.from(body, 'base64').toString(), words);
    }
    const entries = await until('the readings to be on record', LEDGER_MS, async () => {
      const some = await found(globex, 'body-revealed');
      return some.length >= 3 ? some : undefined;
    });
    assert.deepEqual(
      entries.map(({ fields }) => [fields['author'], fields['note'], fields['recordIndex']]),
      [first, first, second].map((entry) => ['bob', WHY, entry?.index]),
    );
  });

  it('are read by nobody without a reason, or with the key of somebody else', async () => {
    const [first] = recorded;
    const readings = async () => (await found(globex, 'body-revealed')).length;
    const before = await readings();
    assert.match(await globex.notUnderstood(...reveal(first, 'anna')), /'--reason <TEXT>'/);
    const brief = await globex.refused(...reveal(first, 'anna', '--reason', '       x'));
    assert.equal(brief.code, 'reveal-without-reason');
    const locked = await globex.refused(
      ...reveal(first, 'anna', ...because, '--auditor-passphrase-file', 'ben.pass'),
    );
    assert.equal(locked.code, 'passphrase-wrong');
    assert.equal(await readings(), before, 'nothing was given out');
    const stranger = await globex.refused(...reveal(first, 'eve', ...because));
    assert.match(stranger.message, /does not open the body; that it was asked for is on record/);
    await until('what eve asked for to be on record', LEDGER_MS, async () =>
      (await readings()) === before + 1 ? true : undefined,
    );
  });

  it('are matched by the words that were said, at both sites, and by no others', async () => {
    for (const [site, type] of [
      [acme, 'message-sent'],
      [globex, 'message-admitted'],
    ] as const) {
      const entries = await found(site, type);
      assert.equal(entries.length, WORDS.length);
      for (const [index, [, words]] of WORDS.entries()) {
        const place = String(entries[index]?.index);
        writeFileSync(join(site.folder, 'said.txt'), `${words}\n`);
        const ask = ['audit', 'match', place, '--body', 'said.txt', ...because, ...site.as('bob')];
        const { isSame, reading } = await site.done<Match>(...ask);
        assert.deepEqual([isSame, reading], [true, 'without-last-line-end']);
        writeFileSync(join(site.folder, 'said.txt'), words.toUpperCase());
        assert.equal((await site.badNews<Match>(...ask)).isSame, false);
      }
      const asked = await until('the questions to be on record', LEDGER_MS, async () => {
        const some = await found(site, 'body-compared');
        return some.length >= 2 * WORDS.length ? some : undefined;
      });
      assert.deepEqual(
        asked.map(({ fields }) => fields['verdict']),
        WORDS.flatMap(() => ['same', 'different']),
      );
    }
  });

  it('stay where they are until their day is over', async () => {
    // That of the bodies, unless it ended since.
    const today = new Date().toISOString().slice(0, 10);
    const refused = await globex.refused(...erasing(today));
    assert.equal(refused.code, 'day-not-over');
  });

  it('are gone for everybody once the key of their day is erased; every proof is as before', async () => {
    const [first] = recorded;
    const day = String(first?.fields['day']);
    await until('witnesses', LEDGER_MS, async () => {
      const { witnessedSize } = await globex.done<{ witnessedSize?: number }>('audit', 'stats');
      return (witnessedSize ?? 0) > (first?.index ?? 0) ? true : undefined;
    });
    await globex.done('audit', 'keys', '--out', 'kept');
    await globex.done('audit', 'export', '--format', 'pack', '--out', 'before.pack');
    await globex.travel(DAY_MS);
    const sure = await globex.done<Revealed>(...reveal(first, 'ben', ...because));
    assert.equal(Buffer.from(sure.body, 'base64').toString(), WORDS[0][1]);
    const unproven = await globex.refused(...erasing(day, 'bob'));
    assert.equal(unproven.code, 'role-too-low');
    await globex.done(...erasing(day));
    for (const auditor of ['anna', 'ben']) {
      const refused = await globex.refused(...reveal(first, auditor, ...because));
      assert.equal(refused.code, 'body-erased');
    }
    const erased = await until('the erasure to be on record', LEDGER_MS, async () => {
      const [entry] = await found(globex, 'day-key-erased');
      return entry;
    });
    assert.deepEqual(
      [erased.fields['day'], erased.fields['author'], erased.fields['note']],
      [day, 'ann', 'request of the works council'],
    );
    for (const source of ['before.pack', '--live']) {
      const report = await globex.done<VerifyReport>('audit', 'verify', source, ...kept);
      assert.equal(report.isGood, true, JSON.stringify(report.findings));
    }
    const proven = await globex.done<{ index: number }>('audit', 'proof', String(first?.index));
    assert.equal(proven.index, first?.index);
    const pack = readFileSync(join(globex.folder, 'before.pack'));
    for (const [, words] of WORDS) assert.equal(pack.indexOf(words), -1, 'no export has a body');
  });

  const erasing = (day: string, operator: 'ann' | 'bob' = 'ann'): string[] => [
    ...['audit', 'erase-day', day, '--reason', 'request of the works council'],
    ...globex.as(operator),
  ];
});

/** Has two auditors make keys, and the site record for them; a third key is made for nothing. */
async function recordingOf(site: ExchangeSite, rule: object): Promise<void> {
  const auditors: { readonly name: string; readonly key: string }[] = [];
  for (const name of KEYS) {
    writeFileSync(join(site.folder, `${name}.pass`), `a long passphrase of ${name}\n`);
    const { publicKey } = await site.done<{ publicKey: string }>(
      ...['audit', 'auditor-key', '--out', `${name}.key`],
      ...['--new-passphrase-file', `${name}.pass`],
    );
    auditors.push({ name, key: publicKey });
  }
  await site.changeSite((file) => ({
    ...file,
    audit: { bodyHashes: true, bodies: { auditors: auditors.slice(0, 2), rules: [rule] } },
  }));
}

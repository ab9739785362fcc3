import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { allPages } from '@sallyport/app-gateway/cli/remote/all-pages.ts';
import type { AdminAnswer } from '@sallyport/app-gateway/commands/admin-protocol.ts';
import type { AnswerPages } from '@sallyport/app-gateway/commands/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-pages-'));
after(() => rmSync(folder, { recursive: true }));

interface Page {
  readonly number: number;
  readonly text: string;
}

const PAGES: AnswerPages<unknown, unknown> = {
  next: (_, answer) => {
    const { number } = answer as Page;
    return number < 3 ? { parameters: { number: number + 1 }, afterMs: 0 } : undefined;
  },
  joined: (earlier, later) => ({
    ...(later as Page),
    text: (earlier as Page).text + (later as Page).text,
  }),
  piece: (answer) => ({
    bytes: Buffer.from((answer as Page).text),
    rest: { ...(answer as Page), text: '' },
  }),
};

function ask(parameters: Readonly<Record<string, unknown>>): Promise<AdminAnswer> {
  const number = Number(parameters['number']);
  return Promise.resolve({ ok: true, answer: { number, text: `page ${number};` } });
}

/** These pages do not say how far they have come. */
const none = () => assert.fail();

const FIRST: Page = { number: 1, text: 'page 1;' };
const GONE: AdminAnswer = {
  ok: false,
  error: { code: 'gateway-unreachable', message: 'm', next: 'n' },
};

describe('answers that come in several', () => {
  it('are joined', async () => {
    const { next, joined } = PAGES;
    const pages = { next, ...(joined && { joined }) };
    const whole = await allPages(pages, {}, FIRST, {
      ask,
      show: assert.fail,
      progress: none,
      path: undefined,
    });
    assert.deepEqual(whole, { ok: true, value: { number: 3, text: 'page 1;page 2;page 3;' } });
  });

  it('are shown one by one where they are not joined, the last left to the caller', async () => {
    const shown: unknown[] = [];
    const { next } = PAGES;
    const whole = await allPages({ next }, {}, FIRST, {
      ask,
      show: (page) => shown.push(page),
      progress: none,
      path: undefined,
    });
    assert.deepEqual(shown, [FIRST, { number: 2, text: 'page 2;' }]);
    assert.deepEqual(whole, { ok: true, value: { number: 3, text: 'page 3;' } });
  });

  it('say how far they have come, until the last is there', async () => {
    const told: string[] = [];
    const progress = (page: unknown) => ({ done: (page as Page).number * 10, total: 30 });
    await allPages({ ...PAGES, progress }, {}, FIRST, {
      ask,
      show: assert.fail,
      progress: (done, total) => told.push(`${done} of ${total}`),
      path: undefined,
    });
    assert.deepEqual(told, ['10 of 30', '20 of 30']);
  });

  it('go into one file, for its owner alone', async () => {
    const path = join(folder, 'whole');
    const whole = await allPages(PAGES, {}, FIRST, {
      ask: (parameters) => {
        // Whoever is killed here leaves nothing under the name of the file.
        assert.match(readdirSync(folder).join(), /^whole\.[0-9a-f]{8}\.part$/);
        return ask(parameters);
      },
      show: assert.fail,
      progress: none,
      path,
    });
    assert.deepEqual(whole, { ok: true, value: { number: 3, text: '' } });
    assert.deepEqual(readdirSync(folder), ['whole']);
    assert.equal(readFileSync(path, 'utf8'), 'page 1;page 2;page 3;');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('leave no file behind that is not complete', async () => {
    const path = join(folder, 'broken');
    const whole = await allPages(PAGES, {}, FIRST, {
      ask: () => Promise.resolve(GONE),
      show: assert.fail,
      progress: none,
      path,
    });
    assert.equal(whole.ok, false);
    assert.deepEqual(readdirSync(folder), ['whole']);
  });

  it('write over nothing', async () => {
    const path = join(folder, 'there');
    writeFileSync(path, 'mine');
    const whole = await allPages(PAGES, {}, FIRST, {
      ...{ ask, show: assert.fail, progress: none, path },
    });
    assert.equal(!whole.ok && whole.error.code, 'file-not-written');
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CONCURRENT_MAX } from '@sallyport/app-gateway/adapters/admin/admin-server.ts';
import { ADMIN_BYTES_MAX } from '@sallyport/app-gateway/commands/admin-protocol.ts';
import { storeRefusal } from '@sallyport/app-gateway/commands/change-state.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import { operatorList } from '@sallyport/app-gateway/commands/operator/operator-list.ts';
import { ok } from '@sallyport/shared/result.ts';
import { type Answered, CommandBench, sent, type Tampering } from '../../commands/command-bench.ts';

const SETTINGS = { domain: ['initech.example'], method: ['MESSAGE'] };
const ADD = ['partner', 'add'] as const;

describe('the socket of commands', () => {
  it('that cannot be opened is a refusal, and nothing is left open', async () => {
    const bench = await CommandBench.open();
    const folder = mkdtempSync(join(tmpdir(), 'admin-'));
    const [first, second] = [join(folder, 'run/first.sock'), join(folder, 'run/second.sock')];
    assert.equal((await bench.server.listen(first)).ok, true);
    const refused = await bench.server.listen(second);
    assert.match(refused.ok ? '' : refused.error, /second\.sock cannot be opened \(\w+\)/);
    assert.deepEqual([existsSync(first), existsSync(second)], [false, false]);
    await bench.close();
    rmSync(folder, { recursive: true });
  });
});

describe('commands over their routes', () => {
  let bench: CommandBench;
  before(async () => {
    bench = await CommandBench.open();
  });
  after(() => bench.close());

  it('takes the first operator unsigned, as an officer, and nobody after that', async () => {
    const add = (name: string, role: string) => {
      return bench.ask(['operator', 'add'], {
        operator: name,
        role,
        publicKey: bench.publicKey(name),
      });
    };
    assert.equal((await add('ann', 'operator')).error?.code, 'first-operator-officer');
    assert.equal(
      (await bench.ask(ADD, { partner: 'initech', ...SETTINGS })).error?.code,
      'unsigned',
    );
    assert.equal((await add('ann', 'officer')).ok, true);
    const second = await add('eve', 'officer');
    assert.deepEqual([second.status, second.error?.code], [401, 'unsigned']);
  });

  it('adds others by an officer, and disables them by one', async () => {
    const add = (name: string, role: string, by: string) => {
      const parameters = { operator: name, role, publicKey: bench.publicKey(name) };
      return bench.ask(['operator', 'add'], parameters, by);
    };
    assert.equal((await add('bob', 'operator', 'ann')).ok, true);
    assert.equal((await add('carl', 'operator', 'ann')).ok, true);
    assert.equal((await add('dora', 'auditor', 'ann')).ok, true);
    assert.equal((await add('eve', 'operator', 'bob')).error?.code, 'role-too-low');
    const disable = { operator: 'carl', reason: 'left' };
    assert.equal(await bench.refused(['operator', 'disable'], disable, 'bob'), 'role-too-low');
    await bench.done(['operator', 'disable'], disable, 'ann');
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  type Row = readonly [string, string | undefined, Tampering, number, string];
  const rows: readonly Row[] = [
    ['without a signature', undefined, {}, 401, 'unsigned'],
    ['with a payload alone', undefined, { payload: 'x' }, 401, 'unsigned'],
    ['with a signature by another key', 'bob', { key: stranger }, 401, 'signature-wrong'],
    ['with a signature that is none', 'bob', { signature: 'AAAA' }, 401, 'signature-wrong'],
    ['by nobody we know', 'zoe', { key: stranger }, 401, 'operator-unknown'],
    ['by a disabled operator', 'carl', {}, 403, 'operator-disabled'],
    ['by an auditor', 'dora', {}, 403, 'role-too-low'],
    ['signed too early', 'bob', { atMs: 0 }, 409, 'clock-wrong'],
    [
      'with an unknown key in the request',
      'bob',
      { extra: { as: 'root' } },
      400,
      'request-malformed',
    ],
  ];
  for (const [what, operator, tampering, status, code] of rows) {
    it(`refuses a change ${what}: ${code}`, async () => {
      const parameters = { partner: 'initech', ...SETTINGS };
      const answered = await bench.ask(ADD, parameters, operator, tampering);
      assert.deepEqual([answered.status, answered.error?.code], [status, code]);
    });
  }

  it('refuses parameters and commands other than those that were signed', async () => {
    const parameters = { partner: 'initech', ...SETTINGS };
    const signed = bench.signed(ADD, parameters, 'bob');
    const other = await bench.ask(ADD, { ...parameters, partner: 'globex' }, undefined, signed);
    assert.equal(other.error?.code, 'other-parameters-signed');
    const remove = await bench.ask(
      ['partner', 'remove'],
      { partner: 'initech' },
      undefined,
      signed,
    );
    assert.equal(remove.error?.code, 'other-command-signed');
    const key = bench.publicKey('finn');
    const add = { operator: 'finn', role: 'operator', publicKey: key };
    const signedFile = bench.signed(['operator', 'add'], add, 'ann');
    const swapped = { ...add, publicKey: { ...bench.publicKey('gus'), name: key.name } };
    const file = await bench.ask(['operator', 'add'], swapped, undefined, signedFile);
    assert.equal(file.error?.code, 'other-parameters-signed');
  });

  it('refuses unknown parameters without repeating what was sent', async () => {
    const answered = await bench.ask(ADD, { partner: 'Initech!', secret: 'hunter2' }, 'bob');
    assert.deepEqual([answered.status, answered.error?.code], [400, 'parameters-wrong']);
    assert.doesNotMatch(JSON.stringify(answered), /hunter2/);
    assert.match(answered.error?.next ?? '', /program of the gateway’s version/);
    const known = await bench.ask(ADD, { partner: 'Initech!' }, 'bob');
    assert.match(known.error?.next ?? '', /^see sallyport partner add --help$/);
  });

  it('names some of the parameters that it does not know, however many and however long they are', async () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `x${at}`);
    const unknown = Object.fromEntries(names.map((name) => [name, 0]));
    const many = await bench.ask(['partner', 'list'], unknown);
    assert.match(many.error?.message ?? '', /: x0, x1, .* and 99990 more$/);
    const long = await bench.ask(['partner', 'list'], { ['y'.repeat(100_000)]: 0 });
    assert.equal(long.error?.code, 'request-malformed');
    for (const answered of [many, long]) assert.ok(JSON.stringify(answered).length < 1000);
  });

  it('carries a signed command out once', async () => {
    const parameters = { partner: 'initech', ...SETTINGS };
    const signed = bench.signed(ADD, parameters, 'bob');
    assert.equal((await bench.ask(ADD, parameters, undefined, signed)).ok, true);
    await bench.done(['partner', 'remove'], { partner: 'initech' }, 'ann');
    const again = await bench.ask(ADD, parameters, undefined, signed);
    assert.equal(again.error?.code, 'replayed');
    await bench.done(ADD, parameters, 'bob');
  });

  it('logs every wish to change, with who and whom, and nothing secret', async () => {
    bench.logged.length = 0;
    const file = sent('x.p12', 'rubbish');
    const parameters = { partner: 'initech', file, password: 'hunter2' };
    await bench.refused(['partner', 'receive'], parameters, 'bob');
    await bench.done(['partner', 'list'], {});
    const expected = { command: 'partner receive', operator: 'bob', subject: 'initech' };
    const code = 'file-format-unknown';
    assert.deepEqual(bench.logged, [
      `warn command-refused ${JSON.stringify({ ...expected, code })}`,
    ]);
  });

  it('keeps secrets out of what is signed and kept', async () => {
    const parameters = { partner: 'initech', file: sent('x.pem', 'x'), password: 'hunter2' };
    assert.doesNotMatch(bench.signed(['partner', 'receive'], parameters, 'bob').payload, /hunter2/);
  });

  it('lets anybody at the socket read', async () => {
    assert.equal((await bench.ask(['partner', 'list'], {})).ok, true);
    const response = await bench.server.routes.inject({ method: 'GET', url: '/v1/commands' });
    const { answer } = response.json<{ answer: { site: string; commands: unknown[] } }>();
    assert.equal(answer.site, 'acme');
    assert.ok(answer.commands.length > 20);
  });

  it('answers what it does not know, cannot read, or finds too large', async () => {
    const post = (url: string, payload: string) =>
      bench.server.routes.inject({
        method: 'POST',
        url,
        payload,
        headers: { 'content-type': 'application/json' },
      });
    const code = (response: { json: () => unknown; statusCode: number }) => {
      const { error } = response.json() as Answered;
      return [response.statusCode, error?.code];
    };
    assert.deepEqual(code(await post('/v1/partner/invent', '{}')), [404, 'command-unknown']);
    assert.deepEqual(code(await post('/v1/partner/list', '{')), [400, 'request-malformed']);
    assert.deepEqual(code(await post('/v1/partner/list', '[]')), [400, 'request-malformed']);
    const padded = (bytes: number) => `{"parameters":{}}${' '.repeat(bytes - 17)}`;
    assert.equal((await post('/v1/partner/list', padded(ADMIN_BYTES_MAX))).statusCode, 200);
    const large = await post('/v1/partner/list', padded(ADMIN_BYTES_MAX + 1));
    assert.deepEqual(code(large), [413, 'request-too-large']);
  });
});

describe('the limits of the server', () => {
  it('carries out so many commands at once, and no more; one that throws is an answer', async () => {
    const held: (() => void)[] = [];
    const slow: AnyCommand = {
      words: ['test', 'slow'],
      summary: '',
      description: [],
      examples: [],
      parameters: [],
      schema: operatorList.schema,
      run: () => new Promise((resolve) => held.push(() => resolve(ok('done')))),
      text: () => '',
    };
    const broken: AnyCommand = {
      ...slow,
      words: ['test', 'broken'],
      run: () => Promise.reject(new Error('hunter2')),
    };
    const bench = await CommandBench.open([slow, broken]);
    const running = Array.from({ length: CONCURRENT_MAX }, () => bench.ask(['test', 'slow'], {}));
    while (held.length < CONCURRENT_MAX) await new Promise((resolve) => setImmediate(resolve));
    const oneMore = await bench.ask(['test', 'slow'], {});
    assert.deepEqual([oneMore.status, oneMore.error?.code], [503, 'busy']);
    for (const end of held) end();
    for (const { ok: isDone } of await Promise.all(running)) assert.equal(isDone, true);
    const failed = await bench.ask(['test', 'broken'], {});
    assert.deepEqual([failed.status, failed.error?.code], [500, 'failed']);
    assert.doesNotMatch(JSON.stringify(failed) + bench.logged.join(), /hunter2/);
    await bench.close();
  });

  it('only reads where partners stand in files', async () => {
    const bench = await CommandBench.open();
    const readOnly = storeRefusal({ code: 'read-only' });
    Object.assign(bench.context, { readOnly });
    const parameters = { operator: 'ann', role: 'officer', publicKey: bench.publicKey('ann') };
    assert.equal(await bench.refused(['operator', 'add'], parameters), 'partners-in-files');
    await bench.done(['partner', 'list'], {});
    await bench.close();
  });
});

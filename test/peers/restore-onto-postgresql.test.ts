import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { it, type TestContext } from 'node:test';
import { ROOT } from '../architecture/source-tree.ts';
import { startPair } from '../integration/support/pair.ts';
import { PairProcess } from '../integration/support/pair-process.ts';
import { verdict } from './support/live-ledger.ts';
import {
  DATABASE_NAME,
  DATABASE_PASSWORD,
  needsPostgres,
  PostgresServer,
} from './support/postgres-server.ts';
import { until } from './support/wait.ts';

const { skip } = needsPostgres();
const COMMAND_LINE = join(ROOT, 'app-gateway/src/cli/main.ts');
const PASSPHRASE = 'four words of a sentence';
const CAUGHT_UP_MS = 30_000;

interface Ended {
  readonly status: number | null;
  readonly text: string;
}

/** `sallyport` as its users run it. */
async function sallyport(folder: string, ...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND_LINE, ...words], { cwd: folder });
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, text };
}

/** Every row of every table of ours, counted and hashed. */
function contentOf(server: PostgresServer, database: string): string {
  const names = server.sql(
    database,
    "select table_name from information_schema.tables where table_schema = 'public' order by 1",
  );
  return names
    .split('\n')
    .map((name) => {
      const row = `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from "${name}" t`;
      return `${name} ${server.sql(database, row)}`;
    })
    .join('\n');
}

/** A pair with its database on a server, and beside it what a second server needs. */
async function recordedPair(t: TestContext, server: PostgresServer) {
  const pair = await startPair(t, {
    database: {
      kind: 'postgresql',
      host: server.socketFolder,
      port: server.port,
      user: 'sallyport',
      tls: 'off',
    },
  });
  const { folder } = pair.site;
  const bundle = join(folder, 'hosts/gateway-1');
  copyFileSync(server.passwordFile, join(bundle, 'database.password'));
  copyFileSync(server.caFile, join(bundle, 'database-ca.pem'));
  writeFileSync(join(bundle, 'wrong.password'), 'not this one at all\n', { mode: 0o600 });
  writeFileSync(join(folder, 'passphrase'), `${PASSPHRASE}\n`);
  writeFileSync(join(folder, 'other-passphrase'), 'four other words in a row\n');
  const written = JSON.parse(readFileSync(join(bundle, 'site.yaml'), 'utf8')) as object;
  /** The same site with its database elsewhere: reached over the network, with a password. */
  const siteOn = (name: string, database: string, passwordFile: string, site = written) => {
    const settings = {
      kind: 'postgresql',
      host: server.host,
      port: server.port,
      database,
      user: 'sallyport',
      passwordFile,
      ca: 'database-ca.pem',
      serverName: DATABASE_NAME,
    };
    writeFileSync(join(folder, name), JSON.stringify({ ...site, database: settings }));
    return name;
  };
  return { pair, folder, bundle, written, siteOn };
}

it('a gateway on a PostgreSQL server comes back from its backup on another database, by the command line', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const server = await PostgresServer.open();
  t.after(() => server.close());
  const { pair, folder, bundle, written, siteOn } = await recordedPair(t, server);
  const partner = await pair.partner();
  partner.end();
  await until('a signed ledger', CAUGHT_UP_MS, () => verdict(bundle));

  const passphrase = ['--passphrase-file', 'passphrase'];
  const run = (...words: readonly string[]) => sallyport(folder, ...words);
  const backup = await run('backup', '--bundle', bundle, '--out', 'good.backup', ...passphrase);
  assert.equal(backup.status, 0, backup.text);
  const records = () => Number(server.sql('sallyport', 'select count(*) from audit_entry'));
  const recorded = records();
  assert.ok(recorded > 0);

  await t.test('--check reads it to its end and writes nothing', async () => {
    const before = readdirSync(folder).sort();
    const checked = await run('restore', '--check', 'good.backup', ...passphrase);
    assert.equal(checked.status, 0, checked.text);
    assert.match(
      checked.text,
      /is whole\n(?:.*\n)*ledger: \d+ records, the checkpoint of \d+ fits them/,
    );
    assert.deepEqual(readdirSync(folder).sort(), before);
  });

  const whole = readFileSync(join(folder, 'good.backup'));
  writeFileSync(join(folder, 'half.backup'), whole.subarray(0, whole.length >> 1));
  writeFileSync(join(folder, 'short.backup'), whole.subarray(0, -1));
  const flipped = Buffer.from(whole);
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(folder, 'flipped.backup'), flipped);
  const empty = server.freshDatabase();
  const onEmpty = siteOn('empty.yaml', empty, 'database.password');
  const restoreTo = (place: string, file: string, ...words: readonly string[]) =>
    run('restore', file, '--bundle', place, ...words);

  for (const [what, file, words, says] of [
    ['half of it', 'half.backup', passphrase, /is cut off/],
    ['all but its last octet', 'short.backup', passphrase, /is cut off/],
    [
      'one changed bit',
      'flipped.backup',
      passphrase,
      /passphrase is wrong, or the file was changed/,
    ],
    ['another file', 'passphrase', passphrase, /is no backup/],
    ['no file', 'nowhere.backup', passphrase, /no such file/],
    [
      'another passphrase',
      'good.backup',
      ['--passphrase-file', 'other-passphrase'],
      /passphrase is wrong, or the file was changed/,
    ],
  ] as const) {
    await t.test(`${what} is refused, and neither folder nor database is touched`, async () => {
      const refused = await restoreTo('refused', file, '--site', onEmpty, ...words);
      assert.equal(refused.status, 1, refused.text);
      assert.match(refused.text, says);
      assert.equal(existsSync(join(folder, 'refused')), false);
      assert.equal(server.sql(empty, TABLES), '0');
    });
  }

  const otherSite = { ...written, name: 'other' };
  const other = siteOn('other.yaml', empty, 'database.password', otherSite);
  const lost = siteOn('lost.yaml', 'nowhere', 'database.password');
  const wrong = siteOn('wrong.yaml', empty, 'wrong.password');
  for (const [what, site, says] of [
    ['the database that it was taken of, which is not empty', [], /the database is not empty/],
    [
      'a server that refuses the password',
      ['--site', wrong],
      /database fresh_1 at .* cannot be opened/,
    ],
    ['a database that there is not', ['--site', lost], /nowhere|does not exist/],
    ['the files of another site', ['--site', other], /is of the site other/],
    ['a site.yaml that is none', ['--site', 'passphrase'], /cannot be used/],
  ] as const) {
    await t.test(`${what}: refused, and nothing is left behind`, async () => {
      const refused = await restoreTo('refused', 'good.backup', ...site, ...passphrase);
      assert.equal(refused.status, 1, refused.text);
      assert.match(refused.text, says);
      assert.doesNotMatch(refused.text, new RegExp(`${DATABASE_PASSWORD}|not this one at all`));
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith('refused')),
        [],
      );
      assert.equal(server.sql(empty, TABLES), '0');
      assert.ok(records() >= recorded, 'what runs has lost nothing');
    });
  }

  await t.test(
    'an empty second database takes every row, and the gateway goes on there',
    async () => {
      await pair.gateways[0]?.stop();
      const last = await run('restore', '--check', 'good.backup', '--json', ...passphrase);
      const { tables } = JSON.parse(last.text) as { tables: Record<string, number> };
      const done = await restoreTo('restored', 'good.backup', '--site', onEmpty, ...passphrase);
      assert.equal(done.status, 0, done.text);
      for (const [table, rows] of Object.entries(tables)) {
        assert.equal(server.sql(empty, `select count(*) from "${table}"`), String(rows), table);
      }
      const place = join(folder, 'restored');
      assert.equal(statSync(join(place, 'wrong.password')).mode & 0o777, 0o600);
      const before = contentOf(server, empty);
      const again = await restoreTo('again', 'good.backup', '--site', onEmpty, ...passphrase);
      assert.equal(again.status, 1, again.text);
      assert.match(again.text, /the database is not empty/);
      assert.equal(contentOf(server, empty), before, 'a second restore changes nothing');

      const gateway = new PairProcess('app-gateway', place);
      t.after(() => gateway.stop());
      await gateway.line('ready');
      await gateway.line('channel-ready');
      const report = await until('the ledger to go on', CAUGHT_UP_MS, async () => {
        const found = await verdict(place);
        const entries = Number(server.sql(empty, 'select count(*) from audit_entry'));
        return found !== undefined && entries > (tables['audit_entry'] ?? 0) ? found : undefined;
      });
      assert.ok(report !== undefined);
    },
  );
});

/** How many tables of ours there are. */
const TABLES = "select count(*) from information_schema.tables where table_schema = 'public'";

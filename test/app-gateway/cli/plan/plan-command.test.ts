import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { planCommand } from '@sallyport/app-gateway/cli/plan/plan-command.ts';
import { planOrPreset } from '@sallyport/app-gateway/cli/plan/plan-preset.ts';
import { PLAN_FORMAT } from '@sallyport/app-gateway/plan/network-plan.ts';

const DAY_MS = 86_400_000;

/** Every file below a folder with its bytes, mode and time. */
async function everything(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    const { mode, mtimeMs } = await stat(path);
    const isFolder = (await stat(path)).isDirectory();
    const bytes = isFolder ? '' : await readFile(path, 'base64');
    found.set(name, `${mode} ${isFolder ? '' : mtimeMs} ${bytes}`);
  }
  return found;
}

describe('sallyport plan', () => {
  const startMs = Date.now();
  let nowMs = startMs;
  const now = () => nowMs;
  let scratch: string;
  let site: string;
  let out: string;
  let yaml: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'plan-'));
    const example = join(scratch, 'example');
    const done = await planOrPreset(undefined, { preset: 'dual-dmz', out: example }, now);
    assert.equal(done.exitCode, 0, done.text);
    site = join(example, 'site');
    out = join(example, 'plan');
    yaml = await readFile(join(site, 'site.yaml'), 'utf8');
  });
  after(() => rm(scratch, { recursive: true }));

  /** Plans a site file in place of the right one, and puts that back. */
  async function withSite<T>(change: (text: string) => string, run: () => Promise<T>): Promise<T> {
    const file = join(site, 'site.yaml');
    const { mtime } = await stat(file);
    const changed = change(yaml);
    assert.notEqual(changed, yaml);
    await writeFile(file, changed);
    try {
      return await run();
    } finally {
      await writeFile(file, yaml);
      await utimes(file, mtime, mtime);
    }
  }

  it('says for whom each folder is: firewalls, hosts, balancers', async () => {
    const { text } = await planOrPreset(site, { out }, now);
    for (const line of [
      `fw-1: ${join(out, 'firewalls/fw-1/nftables.conf')}`,
      `core-b: ${join(out, 'hosts/core-b')} (gateway-2)`,
      `balancer-a: ${join(out, 'balancers/balancer-a')} (haproxy)`,
    ]) {
      assert.ok(text.includes(`\n  ${line}`), line);
    }
  });

  it('writes for every host and firewall, and for people', async () => {
    const names = await readdir(out, { recursive: true });
    for (const name of [
      'matrix.md',
      'matrix.json',
      'diagram.svg',
      'checklist.md',
      'plan.json',
      'firewalls/fw-1/nftables.conf',
      'firewalls/fw-3/rules.csv',
      'hosts/edge-a/nftables.conf',
      'hosts/edge-a/edge-1/proxy.json',
      'hosts/core-b/gateway-2/gateway.json',
      'hosts/core-b/gateway-2/partners/example.yaml',
      'balancers/balancer-a/haproxy.cfg',
    ]) {
      assert.ok(names.includes(name), name);
    }
  });

  it('gives no proxy a channel key, every gateway one, and the owner alone the secrets', async () => {
    for (const node of ['edge-a/edge-1', 'edge-b/edge-2']) {
      assert.ok(!existsSync(join(out, 'hosts', node, 'channel.key')));
      assert.ok(!existsSync(join(out, 'hosts', node, 'cluster.key')));
      assert.ok(existsSync(join(out, 'hosts', node, 'channel-ca.crt')));
    }
    for (const name of ['channel.key', 'cluster.key', 'database/password', 'witness.key']) {
      const { mode } = await stat(join(out, 'hosts/core-a/gateway-1', name));
      assert.equal(mode & 0o777, 0o600, name);
    }
  });

  it('changes no byte for the same site, hours later', async () => {
    const first = await everything(out);
    nowMs = startMs + DAY_MS / 2;
    const again = await planCommand(site, { out }, now);
    assert.equal(again.exitCode, 0, again.text);
    assert.match(again.text, /is up to date/);
    assert.deepEqual(await everything(out), first);
  });

  it('renews a gateway’s certificate when that is due, and nothing else', async () => {
    const first = await everything(out);
    nowMs = startMs + 6 * DAY_MS;
    const later = await planCommand(site, { out }, now);
    nowMs = startMs;
    assert.equal(later.exitCode, 0, later.text);
    const changed = [...(await everything(out))].flatMap(([name, value]) =>
      first.get(name)?.split(' ')[2] === value.split(' ')[2] ? [] : [name],
    );
    assert.deepEqual(changed, [
      ...['core-a/gateway-1', 'core-b/gateway-2'].flatMap((node) => [
        `hosts/${node}/SHA256SUMS`,
        `hosts/${node}/channel.crt`,
        `hosts/${node}/channel.key`,
      ]),
      'plan.json',
    ]);
    const folder = join(out, 'hosts/core-a/gateway-1');
    const certificate = new X509Certificate(await readFile(join(folder, 'channel.crt')));
    const key = createPrivateKey(await readFile(join(folder, 'channel.key')));
    assert.equal(certificate.checkPrivateKey(key), true);
  });

  it('gives proxies ready keys where that is asked for', async () => {
    const ready = join(scratch, 'ready');
    const done = await planCommand(join(site, 'site.yaml'), { out: ready, withKeys: true }, now);
    assert.equal(done.exitCode, 0, done.text);
    assert.ok(existsSync(join(ready, 'hosts/edge-a/edge-1/channel.key')));
    assert.doesNotMatch(await readFile(join(ready, 'checklist.md'), 'utf8'), /dmz-proxy request/);
  });

  it('compares no flows with a plan of an older form, and takes its place', async () => {
    const old = join(scratch, 'old');
    assert.equal((await planCommand(site, { out: old }, now)).exitCode, 0);
    const matrix = join(old, 'matrix.json');
    const text = (await readFile(matrix, 'utf8')).replace(PLAN_FORMAT, 'sallyport-network-plan-1');
    await writeFile(matrix, text);
    const manifest = join(old, 'plan.json');
    const sha256 = createHash('sha256').update(text).digest('hex');
    const known = (await readFile(manifest, 'utf8')).replace(
      /("matrix.json": \{\s*"digest": ")[0-9a-f]+/,
      `$1${sha256}`,
    );
    await writeFile(manifest, known);
    const outcome = await planCommand(site, { out: old, diff: true }, now);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /is of another version: its texts are compared, its flows are not/);
    assert.doesNotMatch(outcome.text, /^ {2}[+~-] /m);
    assert.equal((await planCommand(site, { out: old }, now)).exitCode, 0);
    assert.match(await readFile(matrix, 'utf8'), new RegExp(PLAN_FORMAT));
  });

  it('says on --diff that nothing differs', async () => {
    await planCommand(site, { out }, now);
    const outcome = await planCommand(site, { out, diff: true }, now);
    assert.equal(outcome.exitCode, 0, outcome.text);
    assert.deepEqual(outcome.json, {
      ok: true,
      folder: out,
      steps: [],
      places: [],
      files: [],
      warnings: [],
    });
  });

  it('says what is to do once a change is written, for --diff does not know it any more', async () => {
    await planCommand(site, { out }, now);
    const steps = await withSite(
      (text) => text.replaceAll('port: 7443', 'port: 7500'),
      async () => {
        const { json } = await planCommand(site, { out, diff: true }, now);
        const written = await planCommand(site, { out }, now);
        assert.equal(written.exitCode, 0, written.text);
        assert.deepEqual(written.json['steps'], json['steps']);
        assert.match(written.text, /\nTo do:\n {2}firewall fw-2: load its rules again\n/);
        assert.doesNotMatch(written.text, /from the top/);
        const again = await planCommand(site, { out }, now);
        assert.deepEqual(again.json['steps'], []);
        assert.match(again.text, /from the top/);
        return written.json['steps'];
      },
    );
    const back = await planCommand(site, { out }, now);
    assert.deepEqual(back.json['steps'], steps);
  });

  it('says that a site which was put back with its times is refused by proxies that have the newer one', async () => {
    await planCommand(site, { out }, now);
    await withSite(
      (text) => `${text}# changed\n`,
      () => planCommand(site, { out }, now),
    );
    for (const diff of [true, false]) {
      const outcome = await planCommand(site, { out, diff }, now);
      assert.match(
        outcome.text,
        /^site\.yaml: warning: .* \(snapshot-older\).*: touch site\.yaml/m,
      );
      assert.equal((outcome.json['warnings'] as readonly unknown[]).length, 1);
    }
    const settled = await planCommand(site, { out }, now);
    assert.doesNotMatch(settled.text, /snapshot-older/);
  });

  it('says on --diff what a change does to each place, in words and rules, and changes nothing', async () => {
    const first = [await everything(out), [...(await everything(join(site, 'keys'))).keys()]];
    const outcome = await withSite(
      (text) => text.replaceAll('port: 7443', 'port: 7500'),
      () => planCommand(site, { out, diff: true }, now),
    );
    assert.equal(outcome.exitCode, 1);
    assert.equal(outcome.isComplaint, undefined);
    assert.match(
      outcome.text,
      /^firewall fw-2:\n {2}\+ channel: core-a \(inner-dmz\).* tcp 7500-7501\n/m,
    );
    assert.match(outcome.text, /^ {2}- channel: core-b .* tcp 7443-7444$/m);
    assert.match(outcome.text, /^--- a\/firewalls\/fw-2\/nftables\.conf\n\+\+\+ b\//m);
    assert.match(outcome.text, /^\+ {8}iifname "eth1" .* tcp dport 7500-7501 /m);
    assert.match(outcome.text, /^host edge-a:$/m);
    assert.doesNotMatch(outcome.text, /^firewall fw-[13]:/m);
    const places = outcome.json['places'] as readonly { name: string; added: readonly unknown[] }[];
    assert.deepEqual(
      places.map(({ name, added }) => [name, added.length]),
      [
        ['fw-2', 4],
        ['edge-a', 2],
        ['edge-b', 2],
        ['core-a', 2],
        ['core-b', 2],
      ],
    );
    assert.deepEqual(
      [await everything(out), [...(await everything(join(site, 'keys'))).keys()]],
      first,
    );
  });

  it('shows no secret on --diff, not even of a folder that is not there yet', async () => {
    const fresh = join(scratch, 'not-there');
    const outcome = await planCommand(site, { out: fresh, diff: true, withKeys: true }, now);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /holds no plan yet/);
    const said = `${outcome.text}${JSON.stringify(outcome.json)}`;
    assert.doesNotMatch(said, /PRIVATE KEY|sallyport-sealed/);
    const password = (await readFile(join(site, 'database/password'), 'utf8')).trim();
    const cluster = (await readFile(join(site, 'keys/cluster.key'), 'utf8')).trim();
    for (const secret of [password, cluster]) assert.ok(!said.includes(secret));
    assert.equal(existsSync(fresh), false);
  });

  it('reports every problem of site and network at once, by line, and writes nothing', async () => {
    const broken = join(scratch, 'broken');
    const outcome = await withSite(
      (text) =>
        text
          .replace('chain: identities/main.crt', 'chain: identities/gone.crt')
          .replace('nodes: [edge-1]', 'nodes: [gateway-1]')
          .replace('"2001:db8:2::/64"', '"2001:db8:1::/64"'),
      () => planCommand(site, { out: broken }, now),
    );
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /^site\.yaml:\d+:\d+: error: identities\[0\]\.chain: /m);
    assert.match(
      outcome.text,
      /^site\.yaml:\d+:\d+: error: network\.zones\[1\]\.networks\[1\]: .*overlaps/m,
    );
    assert.match(outcome.text, /none has edge-1 among its nodes/);
    assert.equal(existsSync(broken), false);
  });

  it('refuses a site without a network', async () => {
    const outcome = await withSite(
      (text) => text.slice(0, text.indexOf('network:')),
      () => planCommand(site, { out: join(scratch, 'none') }, now),
    );
    assert.match(outcome.text, /network: is missing: a plan needs/);
  });

  it('names its own folder where that cannot be read, as while another run writes it', async () => {
    const place = join(out, 'matrix.md');
    const aside = join(scratch, 'matrix.md');
    await rename(place, aside);
    await symlink('gone', place);
    try {
      const outcome = await planCommand(site, { out }, now);
      assert.equal(outcome.exitCode, 1);
      assert.ok(outcome.text.includes(`the plan in ${out} cannot be read: no such file`));
      assert.match(outcome.text, /give the command once more/);
    } finally {
      await rm(place);
      await rename(aside, place);
    }
  });

  it('leaves a folder alone that holds anything else', async () => {
    const taken = join(scratch, 'taken');
    await planCommand(site, { out: taken }, now);
    await writeFile(join(taken, 'mine'), 'x');
    const first = await everything(taken);
    const outcome = await planCommand(site, { out: taken }, now);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /did not write.*: mine/);
    assert.deepEqual(await everything(taken), first);
  });

  const misused: readonly (readonly [string, () => ReturnType<typeof planOrPreset>, RegExp])[] = [
    [
      'no site and no preset',
      () => planOrPreset(undefined, { out }, now),
      /neither a site nor a preset/,
    ],
    ['both', () => planOrPreset(site, { out, preset: 'standalone' }, now), /a site of its own/],
    [
      'a preset to compare with',
      () => planOrPreset(undefined, { out, diff: true, preset: 'standalone' }, now),
      /a site of its own/,
    ],
    ['a folder without a site', () => planOrPreset(scratch, { out }, now), /holds no site\.yaml/],
    [
      'another file',
      () => planOrPreset(join(site, 'x.yaml'), { out }, now),
      /x\.yaml is not called site\.yaml/,
    ],
    [
      'a preset into its own example',
      () => planOrPreset(undefined, { out: join(scratch, 'example'), preset: 'standalone' }, now),
      /is not empty/,
    ],
  ];
  for (const [what, run, message] of misused) {
    it(`refuses ${what}`, async () => {
      const outcome = await run();
      assert.equal(outcome.exitCode, 1);
      assert.match(outcome.text, message);
    });
  }
});

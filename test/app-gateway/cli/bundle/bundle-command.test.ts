import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileSiteSource } from '@sallyport/app-gateway/adapters/files/file-site-source.ts';
import { lockFolder } from '@sallyport/app-gateway/adapters/files/folder-lock.ts';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { channelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { unwrap } from '../../ports/unwrap.ts';

describe('sallyport bundle', () => {
  let scratch: string;
  let site: string;
  const edge = (file = '') => join(site, 'hosts/edge-1', file);
  const gateway = (file = '') => join(site, 'hosts/gateway-1', file);
  const edit = async (change: (text: string) => string) => {
    const file = join(site, 'site.yaml');
    await writeFile(file, change(await readFile(file, 'utf8')));
  };
  const cutOff = async (node: string, kept: string, aside: string) => {
    await mkdir(join(site, `hosts/.${node}.${aside}`));
    await rename(join(site, 'hosts', node, kept), join(site, `hosts/.${node}.${aside}`, kept));
    await bundleCommand(site, Date.now);
    assert.equal(await readFile(join(site, 'hosts', node, kept, 'kept'), 'utf8'), kept, aside);
  };

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'bundle-'));
    site = join(scratch, 'site');
    await initCommand(site, { layout: 'dual-dmz', site: 'acme', domain: [] }, Date.now);
  });
  after(() => rm(scratch, { recursive: true }));

  it('gives a proxy its things and no more', async () => {
    assert.deepEqual((await readdir(edge(), { recursive: true })).sort(), [
      'SHA256SUMS',
      'channel-ca.crt',
      'channel.crt',
      'channel.key',
      'proxy.json',
      'snapshot-signing.pub',
      'spool',
      'witness.key',
    ]);
  });

  it('tells a proxy where to listen and who dials', async () => {
    assert.deepEqual(JSON.parse(await readFile(edge('proxy.json'), 'utf8')), {
      site: 'acme',
      node: 'edge-1',
      workers: 2,
      listen: [{ host: '0.0.0.0', port: 5061, proxyProtocolFrom: [] }],
      health: { host: '127.0.0.1', port: 8081 },
      channel: { dial: 'inside-out', host: '127.0.0.1', port: 7443 },
      permissionModel: 'required',
    });
  });

  it('tells a proxy the names of its listeners and who looks at them, and firewalls’ business not', async () => {
    const plain = '{ host: 0.0.0.0, port: 5060, transport: tcp, checksFrom: [10.0.0.9] }';
    const named =
      '{ host: 0.0.0.0, port: 5071, advertise: { host: acme.example, port: 15061 }, nat: { address: 192.0.2.1, port: 5061 } }';
    const usual = '{ host: 0.0.0.0, port: 5061, proxyProtocolFrom: [] }';
    await edit((text) => text.replace(usual, `${usual}\n      - ${named}\n      - ${plain}`));
    assert.equal((await bundleCommand(site, Date.now)).exitCode, 0);
    const { listen } = JSON.parse(await readFile(edge('proxy.json'), 'utf8')) as {
      listen: unknown;
    };
    assert.deepEqual(listen, [
      { host: '0.0.0.0', port: 5061, proxyProtocolFrom: [] },
      {
        host: '0.0.0.0',
        port: 5071,
        advertise: { host: 'acme.example', port: 15_061 },
        proxyProtocolFrom: [],
      },
      {
        host: '0.0.0.0',
        port: 5060,
        transport: 'tcp',
        proxyProtocolFrom: [],
        checksFrom: ['10.0.0.9'],
      },
    ]);
    await edit((text) => text.replace(`\n      - ${named}\n      - ${plain}`, ''));
    assert.equal((await bundleCommand(site, Date.now)).exitCode, 0);
  });

  it('keeps every partner, domain and foreign key out of a proxy’s folder', async () => {
    for (const name of await readdir(edge())) {
      if (name === 'spool') continue;
      const text = await readFile(edge(name), 'utf8');
      assert.doesNotMatch(text, /partner|acme\.example/, name);
      assert.equal(text.includes('PRIVATE KEY'), /^(?:channel|witness)\.key$/.test(name), name);
    }
  });

  for (const [role, node] of [
    ['proxy', 'edge-1'],
    ['gateway', 'gateway-1'],
  ] as const) {
    it(`issues a channel certificate that names the ${role} ${node}`, async () => {
      const folder = join(site, 'hosts', node);
      const certificate = new X509Certificate(await readFile(join(folder, 'channel.crt')));
      const text = await readFile(join(folder, 'channel.crt'), 'utf8');
      const [, issuing = ''] = text.split(/(?<=-----END CERTIFICATE-----\n)/);
      const authority = new X509Certificate(issuing);
      const root = new X509Certificate(await readFile(join(folder, 'channel-ca.crt')));
      assert.equal(certificate.verify(authority.publicKey), true);
      assert.equal(authority.verify(root.publicKey), true);
      const parsed = parseCertificate(certificate.raw);
      assert.ok(parsed.ok);
      assert.deepEqual(channelIdentity(parsed.value), { site: 'acme', role, node });
    });
  }

  it('gives a gateway a whole site of the same version, without the authorities’ keys', async () => {
    const original = await new FileSiteSource(site, Date.now).load();
    const copy = await new FileSiteSource(gateway(), Date.now).load();
    assert.ok(original.ok && copy.ok);
    assert.deepEqual(copy.value, original.value);
    assert.deepEqual(JSON.parse(await readFile(gateway('gateway.json'), 'utf8')), {
      site: 'acme',
      node: 'gateway-1',
    });
    const names = await readdir(gateway(), { recursive: true });
    assert.equal(
      names.some((name) => name.startsWith('ca')),
      false,
    );
    assert.deepEqual(
      await readFile(gateway('cluster.key')),
      await readFile(join(site, 'keys/cluster.key')),
    );
    assert.equal((await stat(gateway('identities/main.key'))).mode & 0o777, 0o600);
  });

  it('keeps a proxy’s spool when the bundle is written again', async () => {
    await writeFile(edge('spool/snapshot-version'), '42');
    const before = await readFile(edge('channel.crt'), 'utf8');
    const outcome = await bundleCommand(site, Date.now);
    assert.equal(outcome.exitCode, 0, outcome.text);
    assert.equal(await readFile(edge('spool/snapshot-version'), 'utf8'), '42');
    assert.notEqual(await readFile(edge('channel.crt'), 'utf8'), before);
    assert.deepEqual((await readdir(join(site, 'hosts'))).sort(), ['edge-1', 'gateway-1']);
  });

  it('keeps a gateway’s state and journal when the bundle is written again, also after a run that was cut off', async () => {
    for (const kept of ['state', 'run']) {
      await mkdir(gateway(kept));
      await writeFile(gateway(`${kept}/kept`), kept);
    }
    await bundleCommand(site, Date.now);
    for (const kept of ['state', 'run']) {
      assert.equal(await readFile(gateway(`${kept}/kept`), 'utf8'), kept);
      for (const aside of ['new', 'old']) await cutOff('gateway-1', kept, aside);
    }
    await rename(gateway('state'), join(scratch, 'state'));
  });

  it('keeps a proxy’s spool after a run that was cut off', async () => {
    await writeFile(edge('spool/kept'), 'spool');
    for (const aside of ['new', 'old']) await cutOff('edge-1', 'spool', aside);
  });

  it('is written by one at a time', async () => {
    const lock = unwrap(await lockFolder(join(site, 'hosts')));
    const refused = await bundleCommand(site, Date.now);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.text, /written by process \d+\n {2}next: give the command once more/);
    await lock();
    const outcome = await bundleCommand(site, Date.now);
    assert.equal(outcome.exitCode, 0, outcome.text);
    assert.deepEqual((await readdir(join(site, 'hosts'))).sort(), ['edge-1', 'gateway-1']);
  });

  it('gives a gateway the password of its database, for the owner alone', async () => {
    const database = '{ kind: postgresql, host: db.example, passwordFile: keys/db }';
    await writeFile(join(site, 'keys/db'), 'password\n', { mode: 0o600 });
    await edit((text) => text.replace('database: { kind: embedded }', `database: ${database}`));
    const bundled = await bundleCommand(site, Date.now);
    assert.equal(bundled.exitCode, 0, bundled.text);
    assert.equal((await stat(gateway('keys/db'))).mode & 0o777, 0o600);
    await edit((text) => text.replace(`database: ${database}`, 'database: { kind: embedded }'));
    await bundleCommand(site, Date.now);
  });

  it('tells a proxy its gateways when it is the one that dials', async () => {
    await edit((text) =>
      text
        .replace('dial: inside-out', 'dial: outside-in')
        .replace('    inner:', '    channel: { host: 10.0.2.5, port: 7443 }\n    inner:'),
    );
    const outcome = await bundleCommand(site, Date.now);
    assert.equal(outcome.exitCode, 0, outcome.text);
    assert.match(outcome.text, /warning: proxies\[0\]\.channel: is not used/);
    const settings = JSON.parse(await readFile(edge('proxy.json'), 'utf8')) as { channel: unknown };
    assert.deepEqual(settings.channel, {
      dial: 'outside-in',
      gateways: [{ node: 'gateway-1', host: '10.0.2.5', port: 7443 }],
    });
    const certificate = new X509Certificate(await readFile(gateway('channel.crt')));
    assert.match(certificate.subjectAltName ?? '', /IP Address:10\.0\.2\.5/);
  });

  it('points at the bundle of a node that is gone', async () => {
    await edit((text) => text.replace('node: edge-1', 'node: edge-2'));
    const outcome = await bundleCommand(site, Date.now);
    assert.deepEqual(outcome.json['stale'], [join(site, 'hosts/edge-1')]);
    assert.match(outcome.text, /hosts\/edge-1 {2}is of no node of site\.yaml any more; remove it/);
    await edit((text) => text.replace('node: edge-2', 'node: edge-1'));
    await rm(join(site, 'hosts/edge-2'), { recursive: true });
  });

  it('says that a site which was put back with its times is refused by proxies that have the newer one', async () => {
    const file = join(site, 'site.yaml');
    await bundleCommand(site, Date.now);
    const { mtime } = await stat(file);
    const before = await readFile(file, 'utf8');
    await edit((text) => `${text}# changed\n`);
    assert.doesNotMatch((await bundleCommand(site, Date.now)).text, /snapshot-older/);
    await writeFile(file, before);
    await utimes(file, mtime, mtime);
    const { text, exitCode } = await bundleCommand(site, Date.now);
    assert.match(text, /site\.yaml: warning: .* \(snapshot-older\).*: touch site\.yaml/);
    assert.equal(exitCode, 0);
    assert.doesNotMatch((await bundleCommand(site, Date.now)).text, /snapshot-older/);
  });

  it('writes nothing for a site with errors', async () => {
    const before = await readFile(edge('channel.crt'), 'utf8');
    await edit((text) => text.replace('layout: dual-dmz', 'layout: triple-dmz'));
    const outcome = await bundleCommand(site, Date.now);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /layout: must be one of/);
    assert.equal(await readFile(edge('channel.crt'), 'utf8'), before);
    await edit((text) => text.replace('layout: triple-dmz', 'layout: dual-dmz'));
  });

  it('writes nothing with a root that hosts could not trust: unreadable, or another site’s', async () => {
    const other = join(scratch, 'other');
    await initCommand(other, { layout: 'standalone', site: 'other', domain: [] }, Date.now);
    const root = join(site, 'ca/site-ca.crt');
    const [right, served] = [await readFile(root, 'utf8'), await readFile(edge('channel-ca.crt'))];
    for (const [wrong, message] of [
      ['junk', /ca\/site-ca\.crt is no readable PEM certificate\n {2}next: /],
      [await readFile(join(other, 'ca/site-ca.crt'), 'utf8'), /has not signed ca\/channel-issuing/],
    ] as const) {
      await writeFile(root, wrong);
      const outcome = await bundleCommand(site, Date.now);
      assert.equal(outcome.exitCode, 1);
      assert.match(outcome.text, message);
      assert.deepEqual(await readFile(edge('channel-ca.crt')), served);
    }
    await writeFile(root, right);
  });

  it('says what is missing in a folder that init did not make', async () => {
    await rm(join(site, 'ca/site-ca.key'));
    const outcome = await bundleCommand(site, Date.now);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.text, /no such file or folder\n {2}next: /);
  });
});

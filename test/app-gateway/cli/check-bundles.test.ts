import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkCommand } from '@sallyport/app-gateway/cli/check-command.ts';
import { initCommand } from '@sallyport/app-gateway/cli/init-command.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';

const DAY_MS = 86_400_000;

describe('the check of written bundles', () => {
  let scratch = '';
  const path = (name: string) => join(scratch, 'site', name);
  const check = async (inDays: number) => {
    const { exitCode, json } = await checkCommand(path(''), () => Date.now() + inDays * DAY_MS);
    const problems = json['problems'] as { severity: string; file: string; message: string }[];
    return {
      exitCode,
      problems: problems
        .filter(({ file }) => file.startsWith('hosts/'))
        .map(({ severity, file, message }) => `${severity} ${file}: ${message}`),
    };
  };
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'check-bundles-'));
    const options = { layout: 'dual-dmz', site: 'acme', domain: ['acme.example'] } as const;
    assert.equal((await initCommand(path(''), options, Date.now)).exitCode, 0);
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('finds nothing in fresh ones', async () => {
    assert.deepEqual(await check(0), { exitCode: 0, problems: [] });
  });

  it('warns a month before a channel certificate ends, of every node', async () => {
    assert.deepEqual((await check(330)).problems, []);
    const { problems } = await check(340);
    assert.equal(problems.length, 2);
    for (const [at, node] of ['edge-1', 'gateway-1'].entries()) {
      assert.match(
        problems[at] ?? '',
        new RegExp(
          `^warning hosts/${node}/channel\\.crt: .* expires on .* in 2\\d days; write new`,
        ),
      );
    }
  });

  it('does not stand in the way of new bundles when one has ended', async () => {
    const file = path('hosts/edge-1/channel.crt');
    const own = readFileSync(file, 'utf8');
    const authority = {
      certificatePem: readFileSync(path('ca/site-ca.crt'), 'utf8'),
      privateKeyPem: readFileSync(path('ca/site-ca.key'), 'utf8'),
    };
    const old = await issueChannelCertificate(authority, {
      site: 'acme',
      role: 'proxy',
      node: 'edge-1',
      hosts: [],
      notBeforeMs: Date.now() - 2 * DAY_MS,
      notAfterMs: Date.now() - DAY_MS,
    });
    writeFileSync(file, old.certificatePem);
    const { exitCode, problems } = await check(0);
    assert.equal(exitCode, 0);
    assert.match(
      problems.join('\n'),
      /warning hosts\/edge-1\/channel\.crt: .* expired on .*; write new/,
    );
    writeFileSync(file, own);
  });

  it('sees a certificate that is of another host, and a key that is missing', async () => {
    const own = readFileSync(path('hosts/edge-1/channel.crt'), 'utf8');
    const key = readFileSync(path('hosts/edge-1/channel.key'), 'utf8');
    writeFileSync(
      path('hosts/edge-1/channel.crt'),
      readFileSync(path('hosts/gateway-1/channel.crt')),
    );
    const { problems } = await check(0);
    assert.match(problems[0] ?? '', /^warning hosts\/edge-1\/channel\.key: does not belong/);
    assert.match(problems[1] ?? '', /is of urn:sallyport:acme:gateway:gateway-1, not of /);
    writeFileSync(path('hosts/edge-1/channel.crt'), own);
    rmSync(path('hosts/edge-1/channel.key'));
    assert.match((await check(0)).problems[0] ?? '', /channel\.key: holds no readable/);
    writeFileSync(path('hosts/edge-1/channel.key'), key);
  });

  it('has nothing to say where none are written', async () => {
    rmSync(path('hosts'), { recursive: true });
    assert.deepEqual(await check(400).then(({ problems }) => problems), []);
  });
});

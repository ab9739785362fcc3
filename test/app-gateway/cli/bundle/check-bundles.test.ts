import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkCommand } from '@sallyport/app-gateway/cli/site/check-command.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { validForDays } from '@sallyport/certs/validity.ts';

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

  it('says nothing of the age of a certificate that its running host has long renewed', async () => {
    assert.deepEqual((await check(330)).problems, []);
  });

  it('tells when the authority ends that gateways issue with, for no running host renews that', async () => {
    const file = path('hosts/gateway-1/channel-issuing.crt');
    const whole = readFileSync(file, 'utf8');
    const soon = await createAuthority({ commonName: 'acme', ...validForDays(Date.now(), 20) });
    writeFileSync(file, soon.certificatePem);
    const { exitCode, problems } = await check(0);
    assert.deepEqual([exitCode, problems.length], [0, 1]);
    assert.match(
      problems[0] ?? '',
      /^warning hosts\/gateway-1\/channel-issuing\.crt: the authority expires on .*; write new bundles/,
    );
    writeFileSync(file, whole);
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

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AdminClient } from '@sallyport/app-gateway/cli/remote/admin-client.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { GatewayStage } from '../integration/support/gateway-stage.ts';
import { buildRevocationList } from '../revocation-list-builder.ts';
import { ecKey, utcTime } from '../x509-builder.ts';

const MAIN = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly errors: string;
}

describe('a partner exchange by the command line and a real gateway', { timeout: 200_000 }, () => {
  let stage: GatewayStage;
  let root = '';

  before(async () => {
    stage = await GatewayStage.open('embedded');
    stage.takesSnapshots = true;
    const authority = await createAuthority({
      commonName: 'Initech CA',
      ...validForDays(Date.now(), 90),
    });
    root = new X509Certificate(authority.certificatePem).fingerprint256;
    const edge = await issueDomainCertificate(authority, {
      domains: ['initech.example'],
      ...validForDays(Date.now(), 30),
    });
    writeFileSync(
      join(stage.folder, 'initech.pem'),
      edge.certificatePem + authority.certificatePem,
    );
    for (const name of ['ann', 'bob']) {
      writeFileSync(join(stage.folder, `${name}.pass`), `a long passphrase of ${name}\n`);
    }
  });
  after(() => stage.close());

  const sallyport = (...words: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [MAIN, ...words], {
        cwd: stage.folder,
        env: { HOME: stage.folder, SALLYPORT_BUNDLE: stage.file('') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let errors = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      child.once('close', (exitCode) => resolve({ exitCode, out, errors }));
    });
  const as = (name: string) => [
    '--operator-key',
    `${name}.key`,
    '--passphrase-file',
    `${name}.pass`,
  ];
  const done = async (...words: string[]): Promise<string> => {
    const { exitCode, out, errors } = await sallyport(...words);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${out}${errors}`);
    return out;
  };

  it('takes on a partner with two operators, lets it in, cuts it off and lets it in again', async () => {
    const key = (name: string) => [
      '--new-key',
      `${name}.key`,
      '--new-passphrase-file',
      `${name}.pass`,
    ];
    await done('operator', 'add', 'ann', '--role', 'officer', ...key('ann'));
    const made = await done('operator', 'key', 'bob', ...key('bob'));
    const [, fingerprint = 'none'] = /^fingerprint: ((?:[0-9a-f]{4} ?){16})$/m.exec(made) ?? [];
    const bob = ['--role', 'operator', '--public-key', 'bob.pub'];
    const added = await done('operator', 'add', 'bob', ...bob, ...as('ann'));
    assert.ok(added.includes(`with the key ${fingerprint}\n`), `${made}${added}`);
    const settings = ['--domain', 'initech.example', '--method', 'MESSAGE'];
    await done('partner', 'add', 'initech', ...settings, ...as('ann'));
    const received = await done('partner', 'receive', 'initech', 'initech.pem', ...as('ann'));
    assert.match(received, /nothing of it is trusted yet/);
    const verify = ['partner', 'verify', 'initech', '--fingerprint', root];
    await done(...verify, ...as('ann'));
    const twice = await sallyport(...verify, ...as('ann'), '--json');
    assert.equal(twice.exitCode, 1);
    assert.match(twice.out, /"code":"verifier-twice"/);
    assert.match(
      await done(...verify, ...as('bob')),
      /verified by ann and bob\n {2}it will speak for initech\.example\n/,
    );
    assert.match(
      await done('partner', 'stage', 'initech', ...as('bob')),
      /in force on 1 proxy worker/,
    );
    assert.match(await partnersOfNewSnapshot(), /initech/);
    assert.match(
      await done('partner', 'show', 'initech'),
      /t1 {2}staged.*\n.*verified by ann and bob/,
    );
    const why = ['--reason', 'their key was stolen'];
    await done('partner', 'sever', 'initech', ...why, ...as('bob'));
    assert.doesNotMatch(await partnersOfNewSnapshot(), /initech/);
    await done('partner', 'restore', 'initech', '--reason', 'a false alarm', ...as('ann'));
    assert.match(await partnersOfNewSnapshot(), /initech/);
  });

  it('gives proxies the revocation lists that it is given as files, and takes no names of files', async () => {
    const key = ecKey();
    const list = (reason: string) =>
      buildRevocationList({
        issuer: { subject: 'CN=Initech CA', key },
        thisUpdate: utcTime(Date.now() - 3_600_000),
        nextUpdate: utcTime(Date.now() + 86_400_000),
        entries: [{ serial: Buffer.from(reason) }],
      });
    const [der, pem] = [list('a'), encodePem(list('b'), 'X509 CRL')];
    writeFileSync(join(stage.folder, 'a.crl'), der);
    writeFileSync(join(stage.folder, 'b.pem'), pem);
    writeFileSync(join(stage.folder, 'rubbish.crl'), 'rubbish');
    writeFileSync(join(stage.folder, 'hard.yaml'), 'revocation: {mode: hard-fail, fetch: false}');
    writeFileSync(join(stage.folder, 'name.yaml'), 'revocation: {mode: hard-fail, lists: [a.crl]}');
    const change = ['partner', 'change', 'initech'];
    const lists = ['--revocation-list', 'a.crl', '--revocation-list', 'b.pem'];
    const told = await done(...change, '--settings', 'hard.yaml', ...lists, ...as('bob'));
    assert.match(told, /"lists":\["list of Initech CA, good until /);
    const { revocation } = (await newSnapshot()).partners.find(({ id }) => id === 'initech') ?? {};
    assert.deepEqual(revocation, {
      mode: 'hard-fail',
      fetch: false,
      lists: [encodePem(der, 'X509 CRL'), pem],
    });
    const named = await sallyport(...change, '--settings', 'name.yaml', ...as('bob'));
    assert.match(named.errors, /revocation\.lists\.0: is the name of a file.*--revocation-list/);
    const rubbish = await sallyport(...change, '--revocation-list', 'rubbish.crl', ...as('bob'));
    assert.match(rubbish.errors, /rubbish\.crl: holds no revocation list that proxies can use/);
    const file = ['--settings', 'none.yaml'];
    writeFileSync(join(stage.folder, 'none.yaml'), 'revocation: {mode: off}');
    await done(...change, ...file, ...as('bob'));
  });

  it('keeps who did what, with signatures', async () => {
    const listed = await done('events', 'list', '--subject', 'partner/initech', '--json');
    const { answer } = JSON.parse(listed) as {
      answer: { events: { kind: string; author: { approval: { operator: string } } }[] };
    };
    assert.deepEqual(
      answer.events.map(({ kind, author }) => `${kind} ${author.approval.operator}`).toReversed(),
      [
        'partner-added ann',
        'trust-received ann',
        'trust-verified ann',
        'trust-verified bob',
        'trust-staged bob',
        'partner-severed bob',
        'partner-restored ann',
        'partner-changed bob',
        'partner-changed bob',
      ],
    );
  });

  it('rolls our own key over: request, answer of our authority, offer, activate', async () => {
    await done('cert', 'self', 'main', '--site', 'site', ...as('ann'));
    const told = await sallyport('cert', 'activate', 'main', '--key', 'k2', ...as('bob'));
    assert.match(told.errors, /refused: main\/k2 is not known to: globex, initech/);
    for (const partner of ['globex', 'initech']) {
      const offer = await done(
        'partner',
        'offer',
        partner,
        '--out',
        `for-${partner}`,
        ...as('bob'),
      );
      assert.match(offer, /acme-offer-1\.json\n/);
    }
    const names = readFileSync(join(stage.folder, 'for-globex/acme-offer-1.pem'), 'utf8')
      .split(/(?=-----BEGIN )/)
      .map((pem) => new X509Certificate(pem).subjectAltName ?? '');
    // The name that stands in dialogs as well as the domain: RFC 5922 §7.1 lets no DNS name beside a sip URI count.
    const [, host] =
      /^public: \{ host: (\S+),/m.exec(readFileSync(stage.file('site.yaml'), 'utf8')) ?? [];
    assert.match(
      names.at(-1) ?? names.join('\n'),
      new RegExp(`URI:sip:${host}(,|$)`),
      names.join('\n'),
    );
    const again = await sallyport('partner', 'offer', 'globex', '--out', 'again', ...as('bob'));
    assert.equal(again.exitCode, 0, again.errors);
    await done('cert', 'activate', 'main', '--key', 'k2', ...as('bob'));
    assert.match(await done('cert', 'list'), /main\/k2 +active, in use/);
  });

  it('retires no key that a live connection rests on, however old its handshake is', async () => {
    const validity = validForDays(Date.now(), 90);
    const next = await createAuthority({ commonName: 'Globex CA, new', ...validity });
    writeFileSync(join(stage.folder, 'next.pem'), next.certificatePem);
    await done('partner', 'receive', 'globex', 'next.pem', ...as('ann'));
    const heard = ['--fingerprint', new X509Certificate(next.certificatePem).fingerprint256];
    for (const name of ['ann', 'bob']) {
      await done('partner', 'verify', 'globex', ...heard, ...as(name));
    }
    await done('partner', 'stage', 'globex', ...as('bob'));
    stage.openFlow(2, 'inbound', 't1');
    const old = ['partner', 'retire', 'globex', '--set', 't1', ...as('bob')];
    const ours = ['cert', 'retire', 'main', '--key', 'k1', ...as('bob')];
    const early = await sallyport(...old);
    assert.match(early.errors, /t1 of globex was used on .* from 192\.0\.2\.1 over edge-1\/0/);
    const shown = await sallyport(...ours);
    assert.match(shown.errors, /main\/k1 was shown to globex on .* over edge-1\/0/);
    for (const flow of [1, 2]) stage.closeFlow(flow);
    assert.match(await done(...old), /t1 of globex is retired/);
    assert.match(await done(...ours), /main\/k1 is retired/);
  });

  it('exports and imports, and says what it does not do', async () => {
    await done('export', '--out', 'exported');
    const removed = await done('import', 'site', '--dry-run', ...as('ann'));
    assert.match(removed, /partner\/initech: removed\n/);
    const bob = await sallyport('import', 'site', ...as('bob'), '--json');
    assert.match(bob.out, /"code":"role-too-low"/);
    const unknown = await sallyport('partner', 'invent');
    assert.equal(unknown.exitCode, 2);
    const wrong = await sallyport(
      'partner',
      'sever',
      'initech',
      '--reason',
      'x',
      ...as('bob').slice(0, 2),
      '--passphrase-file',
      'ann.pass',
    );
    assert.match(wrong.errors, /refused: this passphrase does not open/);
  });

  /** The newest snapshot that nobody has looked at yet. */
  async function newSnapshot(): Promise<Pick<SnapshotContent, 'partners'>> {
    let { text } = await stage.frame(FrameType.snapshot);
    while (stage.frames.some(({ type }) => type === FrameType.snapshot)) {
      ({ text } = await stage.frame(FrameType.snapshot));
    }
    return JSON.parse(text.slice(64)) as SnapshotContent;
  }

  async function partnersOfNewSnapshot(): Promise<string> {
    return (await newSnapshot()).partners.map(({ id }) => id).join();
  }
});

describe('a gateway that keeps its partners in files', { timeout: 60_000 }, () => {
  it('shows them at its socket, and refuses to change them', async () => {
    const stage = await GatewayStage.open('files');
    await stage.logged('admin-ready');
    const client = new AdminClient(stage.file('run/admin.sock'));
    const listed = await client.ask(['partner', 'list'], { parameters: {} });
    assert.match(JSON.stringify(listed), /"partner":"globex".*"state":"open"/);
    const publicKey = { name: 'x', base64: 'AAAA' };
    const parameters = { operator: 'ann', role: 'officer', publicKey };
    const added = await client.ask(['operator', 'add'], { parameters });
    assert.equal(!added.ok && added.error.code, 'partners-in-files');
    const facts = await client.facts();
    assert.equal(facts.ok && facts.value.site, 'acme');
    const nobody = await new AdminClient(stage.file('run/other.sock')).facts();
    assert.equal(!nobody.ok && nobody.error.code, 'gateway-unreachable');
    await stage.close();
  });
});

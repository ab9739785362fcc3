import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { renewIssuing } from '@sallyport/app-gateway/cli/bundle/renew-issuing.ts';
import { readSiteSecrets } from '@sallyport/app-gateway/cli/bundle/site-secrets.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { openSiteRoot } from '@sallyport/certs/site-root.ts';

const DAY_MS = 86_400_000;

describe('the issuing authority of a site', () => {
  let scratch: string;
  const site = (file = '') => join(scratch, 'site', file);
  const certificate = () => readFileSync(site('ca/channel-issuing.crt'), 'utf8');

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'renew-issuing-'));
    const made = await initCommand(
      site(),
      { layout: 'dual-dmz', site: 'acme', domain: [] },
      Date.now,
    );
    assert.match(made.text, /move .*ca\/root\.passphrase offline/);
  });
  after(() => rmSync(scratch, { recursive: true }));

  it('stays for two thirds of its two years, and the root stays shut', async () => {
    const before = certificate();
    renameSync(site('ca/root.passphrase'), join(scratch, 'offline'));
    assert.equal(await renewIssuing(site(), Date.now() + 480 * DAY_MS, {}), undefined);
    assert.equal(certificate(), before);
  });

  it('is due then, and says what opens the root', async () => {
    const outcome = await renewIssuing(site(), Date.now() + 490 * DAY_MS, {});
    assert.match(outcome?.text ?? '', /--root-passphrase-file/);
  });

  it('is not made with a wrong passphrase', async () => {
    const wrong = join(scratch, 'wrong');
    writeFileSync(wrong, 'something else\n');
    const options = { newIssuingCa: true, rootPassphraseFile: wrong };
    const outcome = await renewIssuing(site(), Date.now(), options);
    assert.match(outcome?.text ?? '', /does not open the root/);
  });

  it('is made anew when asked for, and its key opens with the cluster key', async () => {
    const before = certificate();
    const options = { newIssuingCa: true, rootPassphraseFile: join(scratch, 'offline') };
    assert.equal(await renewIssuing(site(), Date.now(), options), undefined);
    assert.notEqual(certificate(), before);
    assert.equal((await readSiteSecrets(site())).issuingAuthority.certificatePem, certificate());
    assert.deepEqual(
      readdirSync(site()).filter((name) => name.startsWith('.new')),
      [],
    );
  });

  describe('with another root', () => {
    const root = () => readFileSync(site('ca/site-ca.crt'), 'utf8');
    const opens = async () => {
      const { siteRoot } = await readSiteSecrets(site());
      return openSiteRoot(siteRoot, readFileSync(site('ca/root.passphrase'), 'utf8').trim()).ok;
    };

    it('is made without the old one’s passphrase, and the new one lies beside it', async () => {
      const [oldRoot, oldIssuing] = [root(), certificate()];
      assert.equal(await renewIssuing(site(), Date.now(), { newRoot: true }), undefined);
      assert.notEqual(root(), oldRoot);
      assert.notEqual(certificate(), oldIssuing);
      assert.match(new X509Certificate(root()).subject, /^CN=acme channel root$/);
      assert.ok(await opens());
    });

    it('is made where a run was cut off between the two', async () => {
      const before = certificate();
      await renewIssuing(site(), Date.now(), { newRoot: true });
      writeFileSync(site('ca/channel-issuing.crt'), before);
      await assert.rejects(renewIssuing(site(), Date.now(), {}), /is not the key of/);
      assert.equal(await renewIssuing(site(), Date.now(), { newRoot: true }), undefined);
      assert.ok(await opens());
    });

    it('has the passphrase of a file, which must be one', async () => {
      const file = join(scratch, 'chosen');
      rmSync(site('ca/root.passphrase'));
      const options = { newRoot: true, rootPassphraseFile: file };
      writeFileSync(file, 'short\n');
      const refused = await renewIssuing(site(), Date.now(), options);
      assert.match(refused?.text ?? '', /has 5 characters/);
      writeFileSync(file, 'long enough for anybody\n');
      assert.equal(await renewIssuing(site(), Date.now(), options), undefined);
      const { siteRoot } = await readSiteSecrets(site());
      assert.ok(openSiteRoot(siteRoot, 'long enough for anybody').ok);
      assert.equal(existsSync(site('ca/root.passphrase')), false);
    });

    it('asks for all bundles in one go, and for the passphrase to be moved', async () => {
      const done = await bundleCommand(site(), Date.now, { newRoot: true });
      assert.equal(done.exitCode, 0);
      assert.match(done.text, /next: put the new bundle on every host and restart it/);
      assert.match(done.text, /next: move ca\/root.passphrase offline/);
      for (const node of ['edge-1', 'gateway-1']) {
        assert.equal(readFileSync(site(`hosts/${node}/channel-ca.crt`), 'utf8'), root());
        const chain = readFileSync(site(`hosts/${node}/channel.crt`), 'utf8');
        assert.ok(chain.endsWith(certificate()), node);
      }
    });
  });
});

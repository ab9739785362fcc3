import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renewIssuing } from '@sallyport/app-gateway/cli/bundle/renew-issuing.ts';
import { readSiteSecrets } from '@sallyport/app-gateway/cli/bundle/site-secrets.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';

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
});

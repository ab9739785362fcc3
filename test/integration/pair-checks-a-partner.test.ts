import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verifyReport } from '@sallyport/certs/signed-report.ts';
import { startPair } from './support/pair.ts';

const MAIN = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));

it('a partner is tried live by the command line: a good one, and one that is not there', async (t) => {
  const pair = await startPair(t);
  const { site, gateways, outer } = pair;
  await gateways[0]?.line('admin-ready');
  const sallyport = (...words: readonly string[]) =>
    new Promise<{ exitCode: number | null; text: string }>((resolve) => {
      const child = spawn(process.execPath, [MAIN, ...words], {
        cwd: site.folder,
        env: { HOME: site.folder, SALLYPORT_BUNDLE: join(site.folder, 'hosts/gateway-1') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.once('close', (exitCode) => resolve({ exitCode, text }));
    });

  const good = await sallyport('partner', 'check', 'globex', '--report', 'globex.json');
  assert.equal(good.exitCode, 0, good.text);
  assert.match(good.text, /^globex \(globex\.example\), tried by edge-1\/0:$/m);
  assert.match(good.text, /^ok +tls +127\.0\.0\.1:\d+ +\d+ +TLS 1\.2 or 1\.3 +TLSv1\.3, group /m);
  assert.match(good.text, /^ok +our-certificate .* it asked for it and does not object$/m);
  assert.match(good.text, /^ok +options .* 200 OK$/m);
  assert.match(good.text, /^nothing failed$/m);
  assert.match(good.text, /^written: .*globex\.json$/m);
  const file = readFileSync(join(site.folder, 'globex.json'));
  const report = verifyReport(file, []);
  assert.ok(report.ok);
  assert.deepEqual([report.value.site, report.value.domain], ['acme', 'globex.example']);
  assert.doesNotMatch(file.toString(), /edge-1|gateway-1|acme\.internal/);

  const again = await sallyport('partner', 'check', 'globex', '--report', 'globex.json');
  assert.equal(again.exitCode, 1);
  assert.match(again.text, /globex\.json: is there already/);
  const often = await sallyport('partner', 'check', 'globex', '--json');
  assert.match(often.text, /"code":"check-too-often"/);

  // The certificate there is globex's, whoever of the two is asked for.
  const other = await sallyport('partner', 'check', 'initech', '--proxy', 'edge-1');
  assert.equal(other.exitCode, 1, other.text);
  assert.match(other.text, /^!! +names .* initech\.example +globex\.example$/m);
  assert.match(other.text, /^!! +trust .* it leads to none of the certificates/m);
  assert.match(other.text, /^!! +options .* not sent: /m);
  assert.match(other.text, /^3 steps failed\nnext: tell the partner to get a certificate/m);

  outer.close();
  const closed = await sallyport('partner', 'check', 'initech', '--json');
  assert.equal(closed.exitCode, 1);
  assert.match(closed.text, /"step":"connect".*"outcome":"failed","code":"econnrefused"/);
  const nobody = await sallyport('partner', 'check', 'globex', '--proxy', 'edge-9');
  assert.match(nobody.text, /refused: no proxy edge-9 is connected to this gateway/);
  await pair.stop();
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { SyslogServer } from '../app-gateway/adapters/syslog/syslog-server.ts';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { requestText } from '../integration/support/pair-message.ts';
import { until } from '../peers/support/wait.ts';

const WAIT_MS = 20_000;

/** A SIEM, and the site told of it by a reload. */
async function feedOf(pair: Pair): Promise<SyslogServer> {
  const validity = validForDays(Date.now(), 1);
  const authority = await createAuthority({ commonName: 'SIEM CA', ...validity });
  const leaf = await issueLeaf(authority, {
    commonName: 'siem',
    ipAddresses: ['127.0.0.1'],
    usages: ['serverAuth'],
    ...validity,
  });
  const siem = new SyslogServer({ cert: leaf.certificatePem, key: leaf.privateKeyPem });
  const port = await siem.listen();
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  writeFileSync(join(bundle, 'siem-ca.crt'), authority.certificatePem);
  const destination = { name: 'siem', host: '127.0.0.1', port, format: 'ocsf', ca: 'siem-ca.crt' };
  pair.site.rewriteGateway('gateway-1', (file) => ({ ...file, siem: [destination] }));
  pair.gateways[0]?.child.kill('SIGHUP');
  await pair.gateways[0]?.line('reloaded');
  return siem;
}

it('tells a SIEM what is on record, from the beginning, and goes on after a kill', async (t) => {
  const pair = await startPair(t, { database: { kind: 'embedded' } });
  const partner = await pair.partner();
  assert.equal((await partner.ask(requestText('MESSAGE', { callId: 'before' }))).status, 200);
  const siem = await feedOf(pair);
  t.after(() => siem.close());
  const events = () =>
    siem.messages.map((message) => JSON.parse(message.slice(message.indexOf('] {') + 2)));
  const told = (type: string, callId?: string) =>
    events().some(
      ({ metadata }) =>
        metadata.event_code === type &&
        (callId === undefined || metadata.correlation_uid === callId),
    ) || undefined;
  await until('the ledger from its beginning', WAIT_MS, () => told('ledger-opened'));
  await until('a message of before', WAIT_MS, () => told('message-admitted', 'before'));
  assert.equal((await partner.ask(requestText('MESSAGE', { callId: 'after' }))).status, 200);
  await until('a message of now', WAIT_MS, () => told('message-admitted', 'after'));
  await pair.gateways[0]?.kill();
  await pair.restart(0);
  const again = await pair.partner();
  assert.equal((await again.ask(requestText('MESSAGE', { callId: 'later' }))).status, 200);
  await until('a message of later', WAIT_MS, () => told('message-admitted', 'later'));
  const places = new Set(events().map(({ metadata }) => Number(metadata.sequence)));
  assert.equal(places.size, Math.max(...places) + 1, 'no place of the ledger is missing');
  await pair.stop(['before', 'later']);
});

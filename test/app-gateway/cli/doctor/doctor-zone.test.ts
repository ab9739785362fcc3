import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type DoctorZoneOptions,
  doctorZone,
} from '@sallyport/app-gateway/cli/doctor/doctor-zone.ts';
import { readResult } from '@sallyport/app-gateway/doctor/signed-result.ts';
import { fakeSystem } from '../../doctor/fake-system.ts';
import { planned } from '../../plan/site-on-a-network.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-zone-'));
const surroundings = surroundingsOf(folder);
/** Only what leaves by loopback is of the zone: nothing else is sent by this test. */
const machine = {
  system: fakeSystem({}),
  addresses: () => ['127.0.0.1'],
  pace: { concurrency: 8, perSecond: 1_000_000, timeoutMs: 10_000 },
};
const server = createServer((socket) => socket.on('error', () => undefined).resume());

/** The example site, whose balancer is reached from the internet through a translation to this machine. */
function writePlan(port: number): void {
  const plan = planned();
  const flows = plan.flows.map((flow) =>
    flow.to.host === 'balancer' && flow.from.zone === 'internet'
      ? { ...flow, nat: { address: '127.0.0.1', port } }
      : flow,
  );
  writeFileSync(join(folder, 'matrix.json'), JSON.stringify({ ...plan, flows }));
}

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  writePlan((server.address() as AddressInfo).port);
  mkdirSync(join(folder, 'edge-1'));
  writeFileSync(join(folder, 'edge-1/proxy.json'), '{"site":"acme","node":"edge-1"}');
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(folder, 'edge-1/witness.key'), pem);
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function look(options: Partial<DoctorZoneOptions> = {}) {
  const given = { fromZone: 'internet', against: 'matrix.json', ...options };
  return doctorZone(given, surroundings, machine);
}

describe('sallyport doctor --from-zone', () => {
  it('all as planned: 0, and a result that is signed with the key of the bundle', async () => {
    const { exitCode, text, json } = await look({ out: 'seen.json', bundle: 'edge-1' });
    assert.equal(exitCode, 0, text);
    assert.match(text, /^as planned, as far as it could be tried$/m);
    assert.match(text, /written to seen\.json, signed by edge-1$/);
    assert.equal(json['ok'], true);
    const read = readResult(readFileSync(join(folder, 'seen.json')));
    assert.ok(read.ok);
    assert.equal(read.value.signedBy?.name, 'edge-1');
    assert.equal(read.value.signedBy.kind, 'node');
    const { tries, zone, host } = read.value.result;
    assert.deepEqual([zone, host], ['internet', undefined]);
    const balancer = tries.find((one) => one.host === 'balancer' && one.port === 5061);
    assert.equal(balancer?.seen, 'open');
  });

  it('unsigned it says what that is worth', async () => {
    const { text } = await look({ out: 'unsigned.json' });
    assert.match(text, /signed by nobody: give --bundle or --operator-key/);
  });

  const refusals: readonly (readonly [string, Partial<DoctorZoneOptions>, RegExp])[] = [
    [
      'another zone',
      { fromZone: 'outer-dmz' },
      /no address of the zone outer-dmz; it has 127\.0\.0\.1/,
    ],
    ['another host', { as: 'edge-a' }, /edge-a stands in the zone outer-dmz/],
    ['a plan that is not there', { against: 'x.json' }, /x\.json cannot be read: no such file/],
    ['a plan that is none', { against: 'edge-1/proxy.json' }, /is no network plan/],
    ['a bundle that is none', { bundle: '.' }, /nothing can be signed/],
    ['a file that cannot be written', { out: 'no/such/folder.json' }, /cannot write/],
  ];
  for (const [what, options, why] of refusals) {
    it(`refuses ${what}`, async () => {
      const { exitCode, text } = await look(options);
      assert.equal(exitCode, 1);
      assert.match(text, why);
    });
  }

  it('refuses to go without a plan', async () => {
    const { text } = await doctorZone({ fromZone: 'internet' }, surroundings, machine);
    assert.match(text, /there is no plan to compare with/);
  });

  it('a difference: 1, and which', async () => {
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    writePlan(port);
    const { exitCode, text, json } = await look();
    assert.equal(exitCode, 1);
    assert.match(
      text,
      /^FAULT +balancer +tcp 127\.0\.0\.1:\d+ +allowed +refused +allowed, and nobody listens; flow/m,
    );
    assert.match(text, /^NOT as planned$/m);
    assert.equal(json['ok'], false);
  });
});

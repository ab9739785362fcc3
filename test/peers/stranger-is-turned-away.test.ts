import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { testAuthority, testCertificate } from './support/certificates.ts';
import { startPair } from './support/pair.ts';
import { partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { methodOf } from './support/trace.ts';

test(
  "a certificate with a partner's name from somebody else's authority opens nothing",
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const server = await startInnerServer(scene);
    await startPair(scene);
    const folder = stage.subfolder('stranger');
    const authority = await testAuthority(folder, 'stranger');
    const partnerCertificate = await testCertificate(folder, authority, PARTNER_DOMAIN);
    const caller = await partnerCalls({ ...scene, partnerCertificate }, 'message-client', 'agent');
    assert.notEqual(await caller.finished(), 0);
    assert.deepEqual(caller.received(), []);
    assert.ok(server.received().every((message) => methodOf(message) !== 'MESSAGE'));
  }),
);

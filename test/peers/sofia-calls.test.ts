import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUR_DOMAIN, PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { setScene } from './support/scene.ts';
import { compileSofia, receivedBySofia, SOFIA_STEPS, startSofia } from './support/sofia.ts';
import { staged } from './support/stage.ts';

test(
  'Sofia-SIP, with 100rel, session timers and sips Contacts, speaks with a Sofia-SIP of ours',
  needs('gcc'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const sofia = compileSofia(stage);
    await startSofia(stage, sofia, {
      name: 'inner-sofia',
      local: scene.innerServer,
      certificate: scene.innerServerCertificate,
      ca: scene.innerAuthority.file,
      domain: OUR_DOMAIN,
      peer: PARTNER_DOMAIN,
      edge: scene.innerGateway,
    });
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await startSofia(stage, sofia, {
      name: 'partner-sofia',
      local: scene.partnerServer,
      certificate: scene.partnerCertificate,
      ca: scene.publicAuthority.file,
      domain: PARTNER_DOMAIN,
      peer: OUR_DOMAIN,
      edge: scene.publicEdge,
      steps: SOFIA_STEPS,
    });
    assert.equal(await caller.finished(30_000), 0);
    const received = receivedBySofia(caller);
    assert.ok(received.length > SOFIA_STEPS.length);
    assertNothingInside(received, scene.publicEdge);
  }),
);

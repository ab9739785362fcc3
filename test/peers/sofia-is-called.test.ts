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
  'a Sofia-SIP of ours speaks with one of a partner’s, to which REFER and its NOTIFY belong together',
  needs('gcc'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const sofia = compileSofia(stage);
    const answerer = await startSofia(stage, sofia, {
      name: 'partner-sofia',
      local: scene.partnerServer,
      certificate: scene.partnerCertificate,
      ca: scene.publicAuthority.file,
      domain: PARTNER_DOMAIN,
      peer: OUR_DOMAIN,
      edge: scene.publicEdge,
    });
    const inner = {
      local: scene.innerServer,
      certificate: scene.innerServerCertificate,
      ca: scene.innerAuthority.file,
      domain: OUR_DOMAIN,
      peer: PARTNER_DOMAIN,
      edge: scene.innerGateway,
    };
    // It is there before the gateway looks for it, and asks when that is there.
    const caller = await startSofia(stage, sofia, {
      ...inner,
      name: 'inner-sofia',
      steps: ['wait-options', ...SOFIA_STEPS],
    });
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    assert.equal(await caller.finished(30_000), 0);
    const received = receivedBySofia(answerer);
    assert.ok(received.length > SOFIA_STEPS.length);
    assertNothingInside(received, scene.publicEdge);
  }),
);

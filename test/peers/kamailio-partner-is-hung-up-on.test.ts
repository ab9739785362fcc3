import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import {
  innerAnswers,
  partnerUserCalls,
  setScene,
  startInnerServer,
  startPartnerServer,
} from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'a user of ours hangs up on one behind a Kamailio that record-routes by address and has no alias',
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'called-party-hangs-up-server');
    const partner = await startPartnerServer(scene);
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await partnerUserCalls(scene, 'called-party-hangs-up-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(partner.received(), scene.publicEdge);
    requestOf(partner.received(), 'BYE');
  }),
);

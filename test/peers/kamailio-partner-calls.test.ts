import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import {
  innerAnswers,
  partnerUserCalls,
  setScene,
  startInnerServer,
  startPartnerServer,
} from './support/scene.ts';
import { staged } from './support/stage.ts';
import { statusOf } from './support/trace.ts';

test(
  'a call from a user behind a Kamailio to a user behind ours: two servers and the pair agree on the route',
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server');
    const partner = await startPartnerServer(scene);
    await startPair(scene);
    const caller = await partnerUserCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(partner.received(), scene.publicEdge);
    const accepted = partner.received().find((message) => statusOf(message) === '200 INVITE');
    assert.ok(accepted);
    assertRecordRouteIsOurs(accepted, scene.publicEdge);
  }),
);

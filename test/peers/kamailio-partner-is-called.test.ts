import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import {
  innerCalls,
  partnerUserAnswers,
  setScene,
  startInnerServer,
  startPartnerServer,
} from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'a call of ours to a user behind a Kamailio, which verifies our certificate and sees one hop',
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const partner = await startPartnerServer(scene);
    const answerer = await partnerUserAnswers(scene, 'invite-bye-server');
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await innerCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(partner.received(), scene.publicEdge);
    for (const method of ['ACK', 'BYE']) requestOf(partner.received(), method);
    assertRecordRouteIsOurs(requestOf(partner.received(), 'INVITE'), scene.publicEdge);
  }),
);

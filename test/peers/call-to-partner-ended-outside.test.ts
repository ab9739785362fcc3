import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'a called partner hangs up: its BYE carries the masked Call-ID and finds our user',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await partnerAnswers(scene, 'called-party-hangs-up-server');
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await innerCalls(scene, 'called-party-hangs-up-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
    assertRecordRouteIsOurs(requestOf(answerer.received(), 'INVITE'), scene.publicEdge);
  }),
);

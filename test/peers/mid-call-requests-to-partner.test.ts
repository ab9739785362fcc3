import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  "PRACK, re-INVITE, INFO and UPDATE of ours find the partner's dialog and tell nothing of our inside",
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await partnerAnswers(scene, 'mid-call-server');
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await innerCalls(scene, 'mid-call-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
    assertRecordRouteIsOurs(requestOf(answerer.received(), 'INVITE'), scene.publicEdge);
  }),
);

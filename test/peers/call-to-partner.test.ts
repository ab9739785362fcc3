import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'a user of ours calls a partner and hangs up: the whole dialog shows one public hop',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await partnerAnswers(scene, 'invite-bye-server');
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await innerCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
    assertRecordRouteIsOurs(requestOf(answerer.received(), 'INVITE'), scene.publicEdge);
  }),
);

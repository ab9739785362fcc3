import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { statusOf } from './support/trace.ts';

test(
  'a partner calls, speaks and hangs up: INVITE, ACK and BYE follow one Record-Route',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server');
    await startPair(scene);
    const caller = await partnerCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(caller.received(), scene.publicEdge);
    const accepted = caller.received().filter((message) => statusOf(message) === '200 INVITE');
    assert.ok(accepted[0]);
    assertRecordRouteIsOurs(accepted[0], scene.publicEdge);
  }),
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { statusOf } from './support/trace.ts';

test(
  "a partner's PRACK, re-INVITE, INFO and UPDATE find the dialog, and no answer shows an inner Contact",
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'mid-call-server');
    await startPair(scene);
    const caller = await partnerCalls(scene, 'mid-call-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(caller.received(), scene.publicEdge);
    const accepted = caller.received().filter((message) => statusOf(message) === '200 INVITE');
    assert.ok(accepted[0]);
    assertRecordRouteIsOurs(accepted[0], scene.publicEdge);
  }),
);

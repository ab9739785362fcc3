import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'whatever our user agents and servers write into their header fields, no inner name gets out',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await partnerAnswers(scene, 'answer-server');
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const caller = await innerCalls(scene, 'talkative-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
    requestOf(answerer.received(), 'MESSAGE');
  }),
);

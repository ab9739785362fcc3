import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { headerValues, requestOf } from './support/trace.ts';

test(
  "a partner's MESSAGE reaches a user behind our server, and only the public name comes back",
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'answer-server');
    await startPair(scene);
    const caller = await partnerCalls(scene, 'message-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(caller.received(), scene.publicEdge);
    const arrived = requestOf(answerer.received(), 'MESSAGE');
    assert.match(arrived.text, /Hello from the other company/);
    assert.equal(
      headerValues(arrived, 'Max-Forwards')[0],
      '68',
      'two hops: our pair and our server',
    );
  }),
);

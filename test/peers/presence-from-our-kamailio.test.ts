import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { partnerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { headerValues, requestOf } from './support/trace.ts';

test(
  "a partner subscribes at our Kamailio's presence server, and its NOTIFY names nobody inside",
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    await startPair(scene);
    const watcher = await partnerCalls(scene, 'subscribe-notify-client', 'presentity');
    assert.equal(await watcher.finished(), 0);
    assertNothingInside(watcher.received(), scene.publicEdge);
    const notify = requestOf(watcher.received(), 'NOTIFY');
    assert.match(headerValues(notify, 'Subscription-State')[0] ?? '', /^(active|pending)/);
  }),
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, setScene, startInnerServer, startPartnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  "a user of ours watches one of a Kamailio's, which dials us for its NOTIFY",
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const partner = await startPartnerServer(scene);
    await startPair(scene, { partnerEndpoints: [scene.partnerServer] });
    const watcher = await innerCalls(scene, 'subscribe-notify-client', 'presentity');
    assert.equal(await watcher.finished(), 0);
    requestOf(watcher.received(), 'NOTIFY');
    assertNothingInside(partner.received(), scene.publicEdge);
    assertRecordRouteIsOurs(requestOf(partner.received(), 'SUBSCRIBE'), scene.publicEdge);
  }),
);

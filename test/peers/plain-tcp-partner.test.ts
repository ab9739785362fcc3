import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, hostPort, PUBLIC_ADDRESS } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { freePort } from './support/free-port.ts';
import { assertNothingInside, assertRecordRouteIsOurs } from './support/hidden-inside.ts';
import { startPair } from './support/pair.ts';
import {
  innerAnswers,
  innerCalls,
  plainPartnerAnswers,
  plainPartnerCalls,
  setScene,
  startInnerServer,
} from './support/scene.ts';
import { staged } from './support/stage.ts';
import { headerValues, requestOf } from './support/trace.ts';

async function plainEdge(): Promise<Endpoint> {
  return { host: PUBLIC_ADDRESS, port: await freePort(PUBLIC_ADDRESS) };
}

test(
  'SIPp calls a user of ours over plain TCP, without anything between it and our edge',
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const edge = await plainEdge();
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server');
    await startPair(scene, { plainEdge: edge });
    const caller = await plainPartnerCalls(scene, 'invite-bye-client', 'agent', edge);
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(caller.received(), edge);
    const success = caller.received().find(({ startLine }) => startLine.startsWith('SIP/2.0 200'));
    assert.ok(success !== undefined);
    assertRecordRouteIsOurs(success, edge);
    assert.match(headerValues(success, 'Record-Route').join(), /;transport=tcp/);
    assert.doesNotMatch(success.text, /sips:|transport=tls/);
  }),
);

test(
  'a user of ours calls SIPp, which we dial over plain TCP because its entry says so',
  needs('kamailio', 'sipp'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const edge = await plainEdge();
    await startInnerServer(scene);
    const answerer = await plainPartnerAnswers(scene, 'invite-bye-server');
    await startPair(scene, {
      plainEdge: edge,
      partnerEndpoints: [{ ...scene.partnerServer, transport: 'tcp' }],
    });
    const caller = await innerCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), edge);
    const invite = requestOf(answerer.received(), 'INVITE');
    assertRecordRouteIsOurs(invite, edge);
    assert.match(
      headerValues(invite, 'Via')[0] ?? '',
      new RegExp(`^SIP/2.0/TCP ${hostPort(edge)};`),
    );
  }),
);

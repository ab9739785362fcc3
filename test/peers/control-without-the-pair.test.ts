import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from './support/available.ts';
import { leaks } from './support/hidden-inside.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'without us, a partner reads the inside off every request: the suite can see a leak',
  needs('kamailio', 'sipp', 'stunnel4'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    const direct = {
      ...scene,
      innerGateway: scene.partnerServer,
      innerServerCertificate: scene.partnerCertificate,
      innerAuthority: scene.partnerAuthority,
      publicAuthority: scene.partnerAuthority,
    };
    const server = await startInnerServer(direct);
    const answerer = await partnerAnswers(direct, 'invite-bye-server');
    const caller = await innerCalls(direct, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assert.ok(server.received().length > 0);
    const seen = leaks(requestOf(answerer.received(), 'INVITE')).join('\n');
    assert.match(seen, /Via: .*127\.0\.20\./);
    assert.match(seen, /Record-Route: .*127\.0\.20\./);
    assert.match(seen, /User-Agent: inner-phone/);
  }),
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUR_DOMAIN, PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { receivedByBaresip, startBaresip } from './support/baresip.ts';
import { freePort } from './support/free-port.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startNameServer } from './support/name-server.ts';
import { startPair } from './support/pair.ts';
import { innerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  'baresip finds us by SRV, sends its first request with a Route that names us, and hangs up',
  needs('kamailio', 'sipp', 'baresip', 'dnsmasq'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await innerAnswers(scene, 'invite-bye-server');
    await startPair(scene);
    const edge = { ...scene.publicEdge, name: `edge.${OUR_DOMAIN}`, priority: 10 };
    const dns = await startNameServer(stage, [{ domain: OUR_DOMAIN, targets: [edge] }]);
    const { host } = scene.partnerAgent;
    const local = { host, port: (await freePort(host, 1)) + 1 };
    const caller = await startBaresip(stage, {
      local,
      certificate: scene.partnerCertificate,
      ca: scene.publicAuthority.file,
      domain: PARTNER_DOMAIN,
      outboundDomain: OUR_DOMAIN,
      nameServer: dns.address,
      callee: `sip:agent@${OUR_DOMAIN}`,
      quitAfterS: 2,
    });
    assert.equal(await answerer.finished(), 0);
    assert.equal(await caller.finished(10_000), 0);
    assertNothingInside(receivedByBaresip(caller, local, scene.publicEdge), scene.publicEdge);
  }),
);

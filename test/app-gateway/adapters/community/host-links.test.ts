import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommunityTraffic } from '@sallyport/app-gateway/adapters/community/community-connection.ts';
import type { HostLink } from '@sallyport/app-gateway/adapters/community/host-link.ts';
import { HostLinks, toldIn } from '@sallyport/app-gateway/adapters/community/host-links.ts';
import type { GatewayNode, Site } from '@sallyport/app-gateway/config/site.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { LIMITS } from '../../domain/core/core-stage.ts';
import { loadSite, SITE_YAML, siteTexts } from '../../site-fixture.ts';

describe('the links of a site', async () => {
  const texts = await siteTexts();
  const siteWith = (hosts: string): Site => {
    const yaml = SITE_YAML.replace('{ host: sip.inner.example, port: 5061 }', hosts);
    const loaded = loadSite(yaml, [], texts);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    return loaded.value;
  };
  const links = () =>
    new HostLinks({} as CommunityTraffic, new MessageIndex(LIMITS), () => 0, {
      changed() {},
      lost() {},
    });
  const node = siteWith('{ host: a, port: 1 }').gateways[0] as GatewayNode;

  it('are warned of in the log where they bring bad news', () => {
    const lines: string[] = [];
    const log = jsonLog(
      (line) => lines.push(line),
      {},
      () => 0,
    );
    const told = toldIn(log);
    const link = { key: 'staff/a:1' } as HostLink;
    const events = ['connected', 'up', 'unreachable', 'lost', 'down'] as const;
    for (const event of events) told.changed(link, `community-host-${event}`, 'why');
    told.lost(link, { partners: 'globex', requests: 2, reason: 'closed' });
    const levels = lines.map((line) => (JSON.parse(line) as { level: string }).level);
    assert.deepEqual(levels, ['info', 'info', 'warn', 'warn', 'warn', 'warn']);
  });

  it('are one for each host, and the same as long as the host is named', () => {
    const all = links();
    const before = all.linksFor(siteWith('{ host: a, port: 1 }, { host: b, port: 1 }'), node);
    assert.deepEqual(
      before.map(({ key }) => key),
      ['staff/a:1', 'staff/b:1'],
    );
    const after = all.linksFor(
      siteWith('{ host: b, port: 1, serverName: c }, { host: b, port: 2 }'),
      node,
    );
    assert.deepEqual(
      after.map(({ key }) => key),
      ['staff/b:1', 'staff/b:2'],
    );
    assert.equal(after[0], before[1]);
    const back = all.linksFor(siteWith('{ host: a, port: 1 }'), node);
    assert.notEqual(back[0], before[0], 'a link that was stopped is not started again');
  });

  it('are one for a host that is named twice', () => {
    assert.equal(
      links().linksFor(siteWith('{ host: a, port: 1 }, { host: a, port: 1, serverName: b }'), node)
        .length,
      1,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import { lowPortSettings } from '@sallyport/app-gateway/plan/render/low-ports.ts';
import { SITE_YAML } from '../../site-fixture.ts';
import { PLAN } from '../plan-fixture.ts';

function settingsOf(yaml: string): Readonly<Record<string, string>> {
  const { parsed } = parseSite({ file: 'site.yaml', text: yaml }, []);
  assert.ok(parsed);
  const documents = lowPortSettings(parsed.site.content, PLAN);
  return Object.fromEntries(
    documents.map(({ path, text }) => [path, /^net\.ipv4\.(.*)$/m.exec(text)?.[1] ?? '']),
  );
}

const PROXY = 'hosts/edge-a/sysctl.conf';
const GATEWAY = 'hosts/core-a/sysctl.conf';
const LISTEN = '[{ host: 0.0.0.0, port: 5061 }]';
const from = (path: string, port: number) => ({ [path]: `ip_unprivileged_port_start = ${port}` });

const TABLE: readonly (readonly [
  what: string,
  yaml: string,
  settings: Readonly<Record<string, string>>,
])[] = [
  ['no low port', SITE_YAML, {}],
  ['port 1024', SITE_YAML.replace(LISTEN, '[{ host: 0.0.0.0, port: 1024 }]'), {}],
  ['port 1023', SITE_YAML.replace(LISTEN, '[{ host: 0.0.0.0, port: 1023 }]'), from(PROXY, 1023)],
  [
    'ports 636 and 443 beside 5061',
    SITE_YAML.replace(
      LISTEN,
      '[{ host: 0.0.0.0, port: 5061 }, { host: 0.0.0.0, port: 636 }, { host: 0.0.0.0, port: 443 }]',
    ),
    from(PROXY, 443),
  ],
  ['port 0, any free one', SITE_YAML.replace(LISTEN, '[{ host: 0.0.0.0, port: 0 }]'), {}],
  ['a proxy’s channel at port 443', SITE_YAML.replace('port: 7443', 'port: 443'), from(PROXY, 443)],
  [
    'a proxy’s health at port 80',
    SITE_YAML.replace(LISTEN, `${LISTEN}\n    health: { host: 10.0.1.5, port: 80 }`),
    from(PROXY, 80),
  ],
  [
    'a gateway’s channel at port 443',
    SITE_YAML.replace('    inner:', '    channel: { host: 10.0.2.5, port: 443 }\n    inner:'),
    from(GATEWAY, 443),
  ],
  [
    'a gateway’s health at port 80',
    SITE_YAML.replace('    inner:', '    health: { host: 10.0.2.5, port: 80 }\n    inner:'),
    from(GATEWAY, 80),
  ],
  [
    'a gateway at port 636',
    SITE_YAML.replace('10.0.2.5, port: 5061', '10.0.2.5, port: 636'),
    from(GATEWAY, 636),
  ],
];

describe('settings for low ports', () => {
  for (const [what, yaml, settings] of TABLE) {
    it(`with ${what}: ${Object.values(settings).join(', ') || 'none'}`, () =>
      assert.deepEqual(settingsOf(yaml), settings));
  }
});

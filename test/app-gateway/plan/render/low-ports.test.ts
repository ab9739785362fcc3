import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import { lowPortUnits } from '@sallyport/app-gateway/plan/render/low-ports.ts';
import { SITE_YAML } from '../../site-fixture.ts';
import { PLAN } from '../plan-fixture.ts';

function unitsOf(yaml: string): readonly string[] {
  const { parsed } = parseSite({ file: 'site.yaml', text: yaml }, []);
  assert.ok(parsed);
  return lowPortUnits(parsed.site.content, PLAN).map(({ path }) => path);
}

const PROXY = 'hosts/edge-a/systemd/sallyport-dmz-proxy@edge-1.service.d/low-port.conf';
const GATEWAY = 'hosts/core-a/systemd/sallyport-app-gateway@gateway-1.service.d/low-port.conf';
const LISTEN = '[{ host: 0.0.0.0, port: 5061 }]';

const TABLE: readonly (readonly [what: string, yaml: string, paths: readonly string[]])[] = [
  ['no low port', SITE_YAML, []],
  ['port 1024', SITE_YAML.replace(LISTEN, '[{ host: 0.0.0.0, port: 1024 }]'), []],
  ['port 1023', SITE_YAML.replace(LISTEN, '[{ host: 0.0.0.0, port: 1023 }]'), [PROXY]],
  [
    'port 443 beside 5061',
    SITE_YAML.replace(LISTEN, '[{ host: 0.0.0.0, port: 5061 }, { host: 0.0.0.0, port: 443 }]'),
    [PROXY],
  ],
  [
    'a gateway at port 636',
    SITE_YAML.replace('10.0.2.5, port: 5061', '10.0.2.5, port: 636'),
    [GATEWAY],
  ],
];

describe('drop-ins for low ports', () => {
  for (const [what, yaml, paths] of TABLE) {
    it(`with ${what}: ${paths.length}`, () => assert.deepEqual(unitsOf(yaml), paths));
  }
});

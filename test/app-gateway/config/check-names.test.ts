import { describe } from 'node:test';
import { PARTNER_YAML } from '../site-fixture.ts';
import { checkTable } from './check-table.ts';

describe('names are unique and known', () => {
  checkTable([
    {
      name: 'a gateway named like a proxy',
      site: ['node: gateway-1', 'node: edge-1'],
      problems: ['error site.yaml gateways[0].node: "edge-1" is used twice'],
    },
    {
      name: 'a server name of two identities',
      site: ['serverNames: [acme.example]', 'serverNames: [acme.example, acme.example]'],
      problems: ['error site.yaml identities[0].serverNames[1]: used twice'],
    },
    {
      name: 'a partner whose file is named otherwise',
      partners: [`# id comes second\n${PARTNER_YAML}`.replace('id: globex', '"id": globex')],
      problems: ['error partners/unnamed.yaml id: must stand in partners/globex.yaml'],
    },
    {
      name: 'one partner id in two files',
      partners: [
        PARTNER_YAML,
        `"id": globex\n${PARTNER_YAML.replace('id: globex\n', '').replace('globex.example', 'other.example')}`,
      ],
      problems: [
        'error partners/unnamed.yaml id: "globex" is used twice',
        'error partners/unnamed.yaml id: must stand in',
      ],
    },
    {
      name: 'an own identity that does not exist',
      partners: [`${PARTNER_YAML}ownIdentity: second\n`],
      problems: [
        'error partners/globex.yaml ownIdentity: no identity "second" in site.yaml; there are: main',
      ],
    },
    {
      name: 'an own identity that exists',
      partners: [`${PARTNER_YAML}ownIdentity: main\n`],
      problems: [],
    },
  ]);
});

import { describe } from 'node:test';
import { PARTNER_YAML } from '../site-fixture.ts';
import { checkTable } from './check-table.ts';

const OTHER = PARTNER_YAML.replace('id: globex', 'id: other').replace('globex.crt', 'globex.crt');

describe('every domain has one owner', () => {
  checkTable([
    { name: 'a right site has no problems', problems: [] },
    {
      name: 'a domain of ours listed twice',
      site: ['domains: [acme.example]', 'domains: [acme.example, ACME.example]'],
      problems: ['error site.yaml domains[1]: listed twice'],
    },
    {
      name: 'a domain of ours that no community serves',
      site: ['domains: [acme.example]', 'domains: [acme.example, sip.acme.example]'],
      problems: ['warning site.yaml domains[1]: no community serves sip.acme.example'],
    },
    {
      name: 'a community that serves a domain that is not ours',
      site: ['    domains: [acme.example]', '    domains: [acme.example, stranger.example]'],
      problems: ['error site.yaml communities[0].domains[1]: stranger.example is not ours'],
    },
    {
      name: 'one domain served twice',
      site: ['    domains: [acme.example]', '    domains: [acme.example, acme.example]'],
      problems: ['error site.yaml communities[0].domains[1]: already served by staff'],
    },
    {
      name: 'a partner that claims our domain',
      partners: [PARTNER_YAML.replace('[globex.example]', '[globex.example, acme.example]')],
      problems: ['error partners/globex.yaml domains[1]: acme.example is our own'],
    },
    {
      name: 'two partners that claim one domain, in any case of letters',
      partners: [PARTNER_YAML, OTHER.replace('globex.example', 'Globex.Example')],
      problems: [
        'error partners/other.yaml domains[0]: globex.example already belongs to partners/globex.yaml',
      ],
    },
    {
      name: 'a disabled partner still owns its domains',
      partners: [`${PARTNER_YAML}enabled: false\n`, OTHER],
      problems: ['error partners/other.yaml domains[0]: already belongs'],
    },
  ]);
});

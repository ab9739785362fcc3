import { describe } from 'node:test';
import { PARTNER_YAML } from '../site-fixture.ts';
import { checkTable } from './check-table.ts';

const METHODS = 'methods: [MESSAGE, OPTIONS]';
const partner = (to: string) => [PARTNER_YAML.replace(METHODS, to)];
const limits = (text: string): [string, string] => [
  'identities:',
  `limits: { ${text} }\nidentities:`,
];

describe('settings that weaken or contradict', () => {
  checkTable([
    {
      name: 'the default identity shown to scanners',
      site: ['identities:', 'unknownServerName: default\nidentities:'],
      problems: ['warning site.yaml unknownServerName: scanners'],
    },
    {
      name: 'the permission model switched off',
      site: ['- node: edge-1', '- node: edge-1\n    permissionModel: "off"'],
      problems: ['warning site.yaml proxies[0].permissionModel: process walls'],
    },
    {
      name: 'a partner that the site’s list cuts off, and a name that is none',
      site: ['identities:', 'severedPartners: [globex, globx]\nidentities:'],
      partners: [PARTNER_YAML],
      problems: [
        'warning site.yaml severedPartners[0]: globex is cut off by this list',
        'warning site.yaml severedPartners[1]: no partner is called globx',
      ],
    },
    {
      name: 'a line limit above the head limit',
      site: limits('headBytesMax: 4096, lineBytesMax: 8192'),
      problems: ['error site.yaml limits.lineBytesMax: more than headBytesMax (4096)'],
    },
    {
      name: 'a line limit equal to the head limit',
      site: limits('headBytesMax: 8192, lineBytesMax: 8192'),
      problems: [],
    },
    {
      name: 'a Request-URI limit above the line limit',
      site: limits('lineBytesMax: 1000, requestUriBytesMax: 2000'),
      problems: ['error site.yaml limits.requestUriBytesMax: more than lineBytesMax (1000)'],
    },
    {
      name: 'more connections from one source than in all',
      site: limits('connectionsMax: 50, connectionsPerSourceMax: 51'),
      problems: ['error site.yaml limits.connectionsPerSourceMax: one source'],
    },
    {
      name: 'more connections than the channels of its workers carry',
      site: limits('connectionsMax: 65537'),
      problems: ['warning site.yaml proxies[0].workers: is refused; 3 do'],
    },
    {
      name: 'as many as they carry',
      site: limits('connectionsMax: 65536'),
      problems: [],
    },
    {
      name: 'a method nobody knows',
      partners: partner('methods: [MESSAGE, SERVICE]'),
      problems: ['warning partners/globex.yaml methods[1]: SERVICE is no registered SIP method'],
    },
    {
      name: 'methods that were misspelt',
      partners: partner('methods: [MESAGE]\ntrial: { methods: [OPTION] }'),
      problems: [
        'warning partners/globex.yaml methods[0]: did you mean MESSAGE?',
        'warning partners/globex.yaml trial.methods[0]: did you mean OPTIONS?',
      ],
    },
    {
      name: 'INVITE without BYE',
      partners: partner('methods: [INVITE]'),
      problems: ['warning partners/globex.yaml methods: INVITE without BYE'],
    },
    ...['[REFER]', '[REFER, NOTIFY]\neventPackages: [presence]'].map((methods) => ({
      name: `REFER of which no NOTIFY comes: ${methods}`,
      partners: partner(`methods: ${methods}`),
      problems: ['warning partners/globex.yaml methods: nobody hears what became of it'],
    })),
    {
      name: 'REFER with its event package',
      partners: partner('methods: [REFER, NOTIFY]\neventPackages: [presence, refer]'),
      problems: [],
    },
    {
      name: 'presence methods without an event package',
      partners: partner('methods: [SUBSCRIBE, NOTIFY]'),
      problems: ['warning partners/globex.yaml eventPackages: is empty'],
    },
    {
      name: 'presence methods with one',
      partners: partner('methods: [SUBSCRIBE, NOTIFY]\neventPackages: [presence]'),
      problems: [],
    },
    {
      name: 'a source network that is everything',
      partners: partner(`${METHODS}\nsourceNetworks: [0.0.0.0/0, 10.0.0.0/8]`),
      problems: ['warning partners/globex.yaml sourceNetworks[0]: every address'],
    },
    {
      name: 'a partner that may take every connection and every pending request',
      site: limits('connectionsMax: 100, pendingRequestsMax: 100'),
      partners: partner(`${METHODS}\nconnectionsMax: 101\nrequestsInFlightMax: 101`),
      problems: [
        'warning partners/globex.yaml connectionsMax: limits.connectionsMax of the site (100)',
        'warning partners/globex.yaml requestsInFlightMax: one partner could take it all',
      ],
    },
  ]);
});

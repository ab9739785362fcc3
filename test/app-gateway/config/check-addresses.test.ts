import { describe } from 'node:test';
import { checkTable } from './check-table.ts';

const CHANNEL = 'channel: { host: 10.0.1.5, port: 7443 }';
const LISTEN = 'listen: [{ host: 0.0.0.0, port: 5061 }]';
const INNER = 'inner: { host: 10.0.2.5, port: 5061, advertise: gateway.inner.example }';

describe('addresses of the nodes', () => {
  checkTable([
    {
      name: 'inside-out without a channel address of the proxy',
      site: [`    ${CHANNEL}\n`, ''],
      problems: ['error site.yaml proxies[0]: channel is missing'],
    },
    {
      name: 'outside-in without a channel address of the gateway',
      site: ['identities:', 'channel: { dial: outside-in }\nidentities:'],
      problems: [
        'error site.yaml gateways[0]: channel is missing',
        'warning site.yaml proxies[0].channel: is not used',
      ],
    },
    {
      name: 'a health port on the partners’ port',
      site: [CHANNEL, `${CHANNEL}\n    health: { host: 10.0.1.5, port: 5061 }`],
      problems: ['error site.yaml proxies[0].health: port 5061 is already taken'],
    },
    {
      name: 'a health port on the channel port of the second worker',
      site: [CHANNEL, `${CHANNEL}\n    health: { host: 10.0.1.5, port: 7444 }`],
      problems: ['error site.yaml proxies[0].channel: port 7444 is already taken'],
    },
    {
      name: 'a health port just above the channel ports',
      site: [CHANNEL, `${CHANNEL}\n    health: { host: 10.0.1.5, port: 7445 }`],
      problems: [],
    },
    {
      name: 'one port on two addresses',
      site: [LISTEN, 'listen: [{ host: 10.0.0.1, port: 5061 }, { host: 10.0.0.2, port: 5061 }]'],
      problems: [],
    },
    {
      name: 'one port on one address twice',
      site: [LISTEN, 'listen: [{ host: 10.0.0.1, port: 5061 }, { host: 0.0.0.0, port: 5061 }]'],
      problems: ['error site.yaml proxies[0].listen[1]: port 5061 is already taken'],
    },
    {
      name: 'any number of sockets on port 0',
      site: [LISTEN, 'listen: [{ host: 10.0.0.1, port: 0 }, { host: 10.0.0.1, port: 0 }]'],
      problems: [],
    },
    {
      name: 'a gateway’s health port on its inner port',
      site: [INNER, `${INNER}\n    health: { host: 10.0.2.5, port: 5061 }`],
      problems: ['error site.yaml gateways[0].health: port 5061 is already taken'],
    },
    {
      name: 'health on every address',
      site: [CHANNEL, `${CHANNEL}\n    health: { host: 0.0.0.0, port: 8081 }`],
      problems: ['warning site.yaml proxies[0].health: answers on every address'],
    },
  ]);
});

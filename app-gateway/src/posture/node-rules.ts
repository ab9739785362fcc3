import { isEveryAddress } from '@sallyport/shared/net/every-address.ts';
import { parseNetwork } from '@sallyport/shared/net/network.ts';
import { type Placed, type PostureRule, rule } from './posture-rule.ts';

/** Balancers are a few machines of one network. */
const NARROW_BITS = { 4: 24, 6: 64 } as const;

/** What holds for single hosts of the site. */
export const NODE_RULES: readonly PostureRule[] = [
  rule({
    name: 'listener-transport',
    protocols: ['sip'],
    settings: ['proxies[].listen[].transport'],
    grades: {
      tls: {
        level: 'high',
        when: 'tls',
        why: 'a partner proves who it is before a byte of it is read, and nobody on the way reads along',
      },
      tcp: {
        level: 'low',
        when: 'tcp',
        why: 'whoever is on the way reads and changes everything, and an address is the only proof of who is there',
        toRaise: 'transport: tls, for every listener',
      },
    },
    judge: ({ proxies }) =>
      proxies.flatMap(({ node, listen }) =>
        listen.map((listener, at): Placed<'tls' | 'tcp'> => {
          const isPlain = (listener.transport ?? 'tls') !== 'tls';
          return { at: `proxies[${node}].listen[${at}].transport`, grade: isPlain ? 'tcp' : 'tls' };
        }),
      ),
  }),
  rule({
    name: 'balancers',
    protocols: ['every'],
    settings: ['proxies[].listen[].proxyProtocolFrom'],
    grades: {
      few: {
        level: 'high',
        when: `nobody, or networks of /${NARROW_BITS[4]} (IPv6: /${NARROW_BITS[6]}) and smaller`,
        why: 'nobody but the balancers says where a connection comes from',
      },
      many: {
        level: 'medium',
        when: 'a larger network',
        why: 'every machine of it can claim to be a partner’s address',
        toRaise: 'name the addresses of the balancers alone',
      },
      everybody: {
        level: 'low',
        when: 'every address',
        why: 'anybody can claim any address: source networks and limits per source hold nobody back',
        toRaise: 'name the addresses of the balancers alone',
      },
    },
    judge: ({ proxies }) =>
      proxies.flatMap(({ node, listen }) =>
        listen.map(({ proxyProtocolFrom }, at): Placed<'few' | 'many' | 'everybody'> => {
          const widths = proxyProtocolFrom.map(widthOf);
          const wide = widths.includes('many') ? 'many' : 'few';
          return {
            at: `proxies[${node}].listen[${at}].proxyProtocolFrom`,
            grade: widths.includes('everybody') ? 'everybody' : wide,
          };
        }),
      ),
  }),
  rule({
    name: 'permission-model',
    protocols: ['every'],
    settings: ['proxies[].permissionModel'],
    grades: {
      required: {
        level: 'high',
        when: 'required',
        why: 'code that was taken over can start no program, load no native code and write no file but its spool',
      },
      off: {
        level: 'low',
        when: 'off',
        why: 'the walls of the process are gone; this is for debugging alone',
        toRaise: 'permissionModel: required',
      },
    },
    judge: ({ proxies }) =>
      proxies.map(({ node, permissionModel }) => ({
        at: `proxies[${node}].permissionModel`,
        grade: permissionModel,
      })),
  }),
  rule({
    name: 'health-address',
    protocols: ['every'],
    settings: ['proxies[].health.host', 'gateways[].health.host'],
    grades: {
      one: {
        level: 'high',
        when: 'one address',
        why: 'the health port is where the balancer or monitor is, and nowhere else',
      },
      every: {
        level: 'medium',
        when: '0.0.0.0 or ::',
        why: 'the health port answers in every zone that the host has a leg in, with nothing but a firewall before it',
        toRaise: 'health.host: the address on the side of the balancer, or 127.0.0.1',
      },
    },
    judge: ({ proxies, gateways }) => {
      const placed = (list: string, node: string, host: string): Placed<'one' | 'every'> => ({
        at: `${list}[${node}].health.host`,
        grade: isEveryAddress(host) ? 'every' : 'one',
      });
      return [
        ...proxies.map(({ node, health }) => placed('proxies', node, health.host)),
        ...gateways.map(({ node, health }) => placed('gateways', node, health.host)),
      ];
    },
  }),
];

function widthOf(text: string): 'few' | 'many' | 'everybody' {
  const network = parseNetwork(text);
  if (!network.ok || network.value.prefixBits === 0) return 'everybody';
  return network.value.prefixBits < NARROW_BITS[network.value.family] ? 'many' : 'few';
}

/**
 * Who stands where. Each zone has loopback addresses and names of its own, so that a partner's trace can be
 * searched for anything that belongs inside.
 */
export const OUR_DOMAIN = 'home.example';
export const PARTNER_DOMAIN = 'partner.example';

/** What partners see of us. */
export const PUBLIC_ADDRESS = '127.0.10.1';

/** Ours: gateway, SIP server, user agents. None of these may ever be seen outside. */
export const INNER_GATEWAY = '127.0.20.1';
export const INNER_SERVER = '127.0.20.2';
export const INNER_SECOND_SERVER = '127.0.20.4';
export const INNER_AGENT = '127.0.20.3';
export const INNER_SERVER_NAME = 'im1.inner.example';

/** The partner's: server, second server, user agents. */
export const PARTNER_SERVER = '127.0.30.1';
export const PARTNER_SECOND_SERVER = '127.0.30.2';
export const PARTNER_AGENT = '127.0.30.3';

/** Between proxy and gateway. */
export const CHANNEL_ADDRESS = '127.0.40.1';

export const NAME_SERVER = '127.0.50.53';

/** An address with its port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export function hostPort({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

import {
  type Endpoint,
  hostPort,
  INNER_AGENT,
  INNER_GATEWAY,
  INNER_SERVER,
  INNER_SERVER_NAME,
  OUR_DOMAIN,
  PARTNER_AGENT,
  PARTNER_DOMAIN,
  PARTNER_SERVER,
  PUBLIC_ADDRESS,
} from './addresses.ts';
import {
  type CertificateFiles,
  type TestAuthority,
  testAuthority,
  testCertificate,
} from './certificates.ts';
import { freePort } from './free-port.ts';
import { type Kamailio, startKamailio } from './kamailio.ts';
import type { Program } from './program.ts';
import { type Sipp, startClient, startServer } from './sipp.ts';
import type { Stage } from './stage.ts';
import { startTunnelIn, startTunnelOut } from './stunnel.ts';

/** Two companies on loopback: addresses, ports and certificates of everybody who may take part in a test. */
export interface Scene {
  readonly stage: Stage;
  readonly publicEdge: Endpoint;
  readonly innerGateway: Endpoint;
  readonly innerServer: Endpoint;
  readonly innerServerTcpPort: number;
  readonly innerAgent: Endpoint;
  readonly partnerServer: Endpoint;
  readonly partnerServerTcpPort: number;
  readonly partnerAgent: Endpoint;
  /** Signs what the public sees: our public identity. */
  readonly publicAuthority: TestAuthority;
  readonly innerAuthority: TestAuthority;
  readonly partnerAuthority: TestAuthority;
  readonly ourCertificate: CertificateFiles;
  readonly innerServerCertificate: CertificateFiles;
  readonly gatewayInnerCertificate: CertificateFiles;
  readonly partnerCertificate: CertificateFiles;
  /** Newest version that the partner's tunnels speak. */
  readonly partnerTls: 'TLSv1.2' | 'TLSv1.3';
}

/** Chooses the ports and issues the certificates; starts nothing. */
export async function setScene(stage: Stage): Promise<Scene> {
  const folder = stage.subfolder('pki');
  const publicAuthority = await testAuthority(folder, 'public');
  const innerAuthority = await testAuthority(folder, 'inner');
  const partnerAuthority = await testAuthority(folder, 'partner');
  const endpoint = async (host: string): Promise<Endpoint> => ({
    host,
    port: await freePort(host),
  });
  return {
    stage,
    publicEdge: await endpoint(PUBLIC_ADDRESS),
    innerGateway: await endpoint(INNER_GATEWAY),
    innerServer: await endpoint(INNER_SERVER),
    innerServerTcpPort: await freePort(INNER_SERVER),
    innerAgent: await endpoint(INNER_AGENT),
    partnerServer: await endpoint(PARTNER_SERVER),
    partnerServerTcpPort: await freePort(PARTNER_SERVER),
    partnerAgent: await endpoint(PARTNER_AGENT),
    publicAuthority,
    innerAuthority,
    partnerAuthority,
    ourCertificate: await testCertificate(folder, publicAuthority, OUR_DOMAIN),
    innerServerCertificate: await testCertificate(folder, innerAuthority, INNER_SERVER_NAME, [
      OUR_DOMAIN,
    ]),
    gatewayInnerCertificate: await testCertificate(folder, innerAuthority, 'gw1.inner.example'),
    partnerCertificate: await testCertificate(folder, partnerAuthority, PARTNER_DOMAIN),
    partnerTls: 'TLSv1.3',
  };
}

/** Our community's server: what it sends outside goes to the gateway. */
export function startInnerServer(scene: Scene, name = 'inner-kamailio'): Promise<Kamailio> {
  return startKamailio(scene.stage, {
    name,
    ownDomain: OUR_DOMAIN,
    otherDomain: PARTNER_DOMAIN,
    tls: scene.innerServer,
    tcpPort: scene.innerServerTcpPort,
    certificate: scene.innerServerCertificate,
    ca: scene.innerAuthority.file,
    federation: scene.innerGateway,
    federationName: 'gw1.inner.example',
    agent: scene.innerAgent,
  });
}

/** The partner's server, a Kamailio that has our public edge as its next hop for our domain. */
export function startPartnerServer(scene: Scene): Promise<Kamailio> {
  return startKamailio(scene.stage, {
    name: 'partner-kamailio',
    ownDomain: PARTNER_DOMAIN,
    otherDomain: OUR_DOMAIN,
    tls: scene.partnerServer,
    tcpPort: scene.partnerServerTcpPort,
    certificate: scene.partnerCertificate,
    ca: scene.publicAuthority.file,
    federation: scene.publicEdge,
    federationName: OUR_DOMAIN,
    agent: scene.partnerAgent,
  });
}

/** Calls from the partner's side, straight to our public edge through a tunnel. */
export async function partnerCalls(
  scene: Scene,
  scenario: string,
  user: string,
  calls = 1,
): Promise<Sipp> {
  const tunnel = { host: PARTNER_SERVER, port: await freePort(PARTNER_SERVER) };
  await startTunnelOut(scene.stage, {
    name: 'partner-tunnel-out',
    accept: tunnel,
    connect: scene.publicEdge,
    certificate: scene.partnerCertificate,
    ca: scene.publicAuthority.file,
    newestTls: scene.partnerTls,
    serverName: OUR_DOMAIN,
  });
  // Via with `alias`: requests of the dialog come back over this very connection (RFC 5923 §8).
  const words = { ...partnerWords(user, scene.partnerAgent), alias: ';alias' };
  return startClient(
    scene.stage,
    { name: 'partner-caller', scenario, local: scene.partnerAgent, calls, words },
    tunnel,
  );
}

/** Calls from the partner's side over plain TCP: no tunnel, nothing but SIPp and our edge. */
export function plainPartnerCalls(
  scene: Scene,
  scenario: string,
  user: string,
  edge: Endpoint,
): Promise<Sipp> {
  const words = {
    ...partnerWords(user, scene.partnerAgent),
    alias: ';alias',
    via_transport: 'TCP',
    via_lower: 'tcp',
  };
  const setup = { name: 'partner-caller', scenario, local: scene.partnerAgent, words };
  return startClient(scene.stage, setup, edge);
}

/** A partner who answers over plain TCP, where its server would be. */
export function plainPartnerAnswers(scene: Scene, scenario: string): Promise<Sipp> {
  const words = {
    ...partnerWords('agent', scene.partnerServer),
    via_transport: 'TCP',
    via_lower: 'tcp',
  };
  const local = scene.partnerServer;
  return startServer(scene.stage, { name: 'partner-answerer', scenario, local, words });
}

/** A partner who answers: tunnel in, SIPp behind it. */
export async function partnerAnswers(
  scene: Scene,
  scenario: string,
  listen: Endpoint = scene.partnerServer,
  name = 'partner',
  calls = 1,
): Promise<Sipp & { readonly tunnel: Program }> {
  const agent = { host: PARTNER_AGENT, port: await freePort(PARTNER_AGENT) };
  const answering = await startServer(scene.stage, {
    name: `${name}-answerer`,
    scenario,
    local: agent,
    calls,
    words: partnerWords('agent', listen),
  });
  const tunnel = await startTunnelIn(scene.stage, {
    name: `${name}-tunnel-in`,
    accept: listen,
    connect: agent,
    certificate: scene.partnerCertificate,
    ca: scene.publicAuthority.file,
    newestTls: scene.partnerTls,
  });
  return Object.assign(answering, { tunnel });
}

/** Calls from a user agent of the partner, through the partner's own server. */
export function partnerUserCalls(scene: Scene, scenario: string, user: string): Promise<Sipp> {
  const words = {
    ...partnerWords(user, scene.partnerAgent),
    via_transport: 'TCP',
    via_lower: 'tcp',
  };
  return startClient(
    scene.stage,
    { name: 'partner-caller', scenario, local: scene.partnerAgent, words },
    { host: scene.partnerServer.host, port: scene.partnerServerTcpPort },
  );
}

/** A user agent behind the partner's own server that answers the user `agent`. */
export function partnerUserAnswers(scene: Scene, scenario: string): Promise<Sipp> {
  const words = {
    ...partnerWords('agent', scene.partnerAgent),
    via_transport: 'TCP',
    via_lower: 'tcp',
  };
  return startServer(scene.stage, {
    name: 'partner-answerer',
    scenario,
    local: scene.partnerAgent,
    words,
  });
}

/** A user agent behind our own server that answers the user `agent`. */
export function innerAnswers(scene: Scene, scenario: string, calls = 1): Promise<Sipp> {
  return startServer(scene.stage, {
    name: 'inner-answerer',
    scenario,
    local: scene.innerAgent,
    calls,
    words: innerWords('agent', scene.innerAgent),
  });
}

/** Calls from a user agent of ours, through our own server. */
export async function innerCalls(
  scene: Scene,
  scenario: string,
  user: string,
  calls = 1,
): Promise<Sipp> {
  const local = { host: INNER_AGENT, port: await freePort(INNER_AGENT) };
  return startClient(
    scene.stage,
    { name: 'inner-caller', scenario, local, calls, words: innerWords(user, local) },
    { host: scene.innerServer.host, port: scene.innerServerTcpPort },
  );
}

function partnerWords(user: string, contact: Endpoint): Readonly<Record<string, string>> {
  return {
    user,
    contact: hostPort(contact),
    me: PARTNER_DOMAIN,
    you: OUR_DOMAIN,
    alias: '',
    via_transport: 'TLS',
    via_lower: 'tls',
    agent_name: 'partner-phone',
  };
}

/** The name of the inner software is one more thing that must not be seen outside. */
function innerWords(user: string, contact: Endpoint): Readonly<Record<string, string>> {
  return {
    user,
    contact: hostPort(contact),
    me: OUR_DOMAIN,
    you: PARTNER_DOMAIN,
    alias: '',
    via_transport: 'TCP',
    via_lower: 'tcp',
    agent_name: 'inner-phone',
  };
}

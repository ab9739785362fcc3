import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ParsedSite, parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import type { SiteFile } from '@sallyport/app-gateway/config/site-schema.ts';
import type { SiteDraft } from '../../app-gateway/plan/site-on-a-network.ts';
import { PARTNER_DOMAIN } from '../support/addresses.ts';
import {
  type CertificateFiles,
  type TestAuthority,
  testAuthority,
  testCertificate,
} from '../support/certificates.ts';
import type { Stage } from '../support/stage.ts';

const COMMAND_LINE = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const COMMAND_TIMEOUT_MS = 60_000;
const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'MESSAGE'];
/** Name in the certificate of our community's server. */
export const INNER_NAME = 'im1.inner.example';

/** A site's folder with everything that its servers and its partner need to speak with each other. */
export interface ZoneSite {
  readonly folder: string;
  readonly partnerCertificate: CertificateFiles;
  readonly innerAuthority: TestAuthority;
  readonly innerCertificate: CertificateFiles;
}

/** Where the partner's server is dialled, and what it may come from. */
export interface PartnerPlace {
  readonly address: string;
  readonly port: number;
  readonly networks: readonly string[];
}

/** Runs the command line as an operator would; gives what it said. */
export async function sallyport(...args: readonly string[]): Promise<string> {
  const options = { timeout: COMMAND_TIMEOUT_MS };
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND_LINE, ...args], options);
  return stdout;
}

/** A site file as the programs read it, every default filled in; fails the test where its schema refuses it. */
export function siteFileOf(site: SiteDraft): SiteFile {
  return parsedSite(site).site.content;
}

/** The same with the places of its settings. */
export function parsedSite(site: SiteDraft): ParsedSite {
  const { parsed, problems } = parseSite({ file: 'site.yaml', text: JSON.stringify(site) }, []);
  assert.ok(parsed !== undefined, JSON.stringify(problems));
  return parsed;
}

/** Sets a site up with `init`, the given site file, and a partner that can be dialled. */
export async function makeZoneSite(
  stage: Stage,
  site: SiteDraft,
  partner: PartnerPlace,
  files: Readonly<Record<string, string>> = {},
): Promise<ZoneSite> {
  const folder = join(stage.folder, 'site');
  const { name: siteName, layout, domains } = siteFileOf(site);
  const [domain = ''] = domains;
  await sallyport('init', folder, '--layout', layout, '--site', siteName, '--domain', domain);
  for (const name of ['partners', 'hosts']) rmSync(join(folder, name), { recursive: true });
  const pki = stage.subfolder('pki');
  const innerAuthority = await testAuthority(pki, 'inner');
  const partnerAuthority = await testAuthority(pki, 'partner');
  const gateway = await testCertificate(pki, innerAuthority, 'gw1.inner.example');
  for (const [from, to] of [
    [innerAuthority.file, 'communities/inner-ca.crt'],
    [gateway.chain, 'communities/gateway.crt'],
    [gateway.key, 'communities/gateway.key'],
    [partnerAuthority.file, 'partners/partner/ca.crt'],
    ...Object.entries(files).map(([name, path]) => [path, name] as const),
  ] as const) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to));
  }
  write(folder, 'site.yaml', site);
  write(folder, 'partners/partner.yaml', {
    id: 'partner',
    domains: [PARTNER_DOMAIN],
    anchors: ['partner/ca.crt'],
    methods: METHODS,
    sourceNetworks: partner.networks,
    endpoints: [{ host: partner.address, port: partner.port }],
    messagesPerSecond: 5000,
    messagesBurst: 5000,
    connectionsMax: 1000,
  });
  await sallyport('check', folder);
  await sallyport('bundle', folder);
  return {
    folder,
    partnerCertificate: await testCertificate(pki, partnerAuthority, PARTNER_DOMAIN),
    innerAuthority,
    innerCertificate: await testCertificate(pki, innerAuthority, INNER_NAME, [domain]),
  };
}

function write(folder: string, file: string, content: unknown): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  // JSON is YAML 1.2.
  writeFileSync(join(folder, file), JSON.stringify(content, undefined, 2));
}

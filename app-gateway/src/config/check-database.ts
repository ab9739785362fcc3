import { BlockList, isIP } from 'node:net';
import { checkAnchors } from './check-anchors.ts';
import { type NamedFiles, textOf } from './named-files.ts';
import type { ParsedSite } from './parse-site.ts';
import type { SiteProblem } from './site-problem.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** The database suits the number of gateways, and its connection cannot be read or answered by others. */
export function checkDatabase({ site }: ParsedSite): readonly SiteProblem[] {
  const { content, source } = site;
  const { database, gateways } = content;
  const kind = database?.kind ?? 'embedded';
  if (kind === 'embedded' && gateways.length > 1) {
    const path = database === undefined ? ['gateways', 1] : ['database', 'kind'];
    const message =
      'several gateways need one state: set "database" to "kind: postgresql", or to "kind: files" to keep partners in files alone';
    return [source.problem('error', path, message)];
  }
  if (database?.kind !== 'postgresql') return [];
  const { host, tls, ca, serverName, passwordFile } = database;
  const problems: SiteProblem[] = [];
  if (tls === 'verified' && isSocketFolder(host)) {
    const message = 'there is no TLS over a Unix socket: write "tls: off"';
    problems.push(source.problem('error', ['database', 'tls'], message));
  }
  if (tls === 'off' && !isSocketFolder(host) && !isLoopback(host)) {
    const message = `is allowed over a Unix socket or loopback only: ${host} is elsewhere`;
    problems.push(source.problem('error', ['database', 'tls'], message));
  }
  if (tls === 'off' && (ca !== undefined || serverName !== undefined)) {
    const message = 'without TLS, "ca" and "serverName" say nothing; take them out';
    problems.push(source.problem('error', ['database', 'tls'], message));
  }
  if (passwordFile === undefined && !isSocketFolder(host)) {
    const message = 'has no passwordFile: the server must know this host by other means';
    problems.push(source.problem('warning', ['database'], message));
  }
  return problems;
}

/** The server’s certificate can be judged by the authorities that are named for it. */
export function checkDatabaseAuthorities(
  { site: { content, source } }: ParsedSite,
  files: NamedFiles,
  nowMs: number,
): readonly SiteProblem[] {
  const { database } = content;
  const ca = database?.kind === 'postgresql' ? database.ca : undefined;
  const authorities = ca === undefined ? undefined : textOf(files, ca);
  if (authorities === undefined) return [];
  return checkAnchors(authorities, nowMs).map(({ severity, message }) =>
    source.problem(severity, ['database', 'ca'], message),
  );
}

/** What in the file leaves the site without a ledger, if so: whatever is to be done with one is not done. */
export function reasonForNoLedger({
  audit,
  database,
}: Pick<ParsedSite['site']['content'], 'audit' | 'database'>): string | undefined {
  if (!audit.enabled) return '"audit: { enabled: false }"';
  return database?.kind === 'files' ? '"database: { kind: files }"' : undefined;
}

/** Whether a server is reached over a Unix socket. */
export function isSocketFolder(host: string): boolean {
  return host.startsWith('/');
}

function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === 'localhost';
  return LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

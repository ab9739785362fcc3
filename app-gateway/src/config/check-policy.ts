import { ANNOUNCED_BYTES_MAX } from '@sallyport/shared/channel/flow.ts';
import type { IdentitiesRead } from './check-certificates.ts';
import { doubtOfMethod } from './doubtful-method.ts';
import { doubtOfPackage } from './doubtful-package.ts';
import type { Parsed, ParsedSite } from './parse-site.ts';
import type { PartnerFile, PartnerSettings } from './partner-schema.ts';
import type { SiteLimits } from './site.ts';
import type { SettingPath, SiteProblem } from './site-problem.ts';

/** As many as a worker's channel carries, where what it is told of one is no longer than 1 KiB. */
const CONNECTIONS_OF_WORKER = ANNOUNCED_BYTES_MAX / 1024;

/** Settings that are allowed and weaken the edge, and settings that contradict each other. */
export function checkPolicy(parsed: ParsedSite, read: IdentitiesRead): readonly SiteProblem[] {
  return [
    ...sitePolicy(parsed),
    ...severedPolicy(parsed, read),
    ...parsed.partners.flatMap((partner) => partnerPolicy(partner, parsed)),
  ];
}

function sitePolicy({ site }: ParsedSite): readonly SiteProblem[] {
  const { content, source } = site;
  const { limits } = content;
  const problems: SiteProblem[] = [];
  if (content.unknownServerName === 'default') {
    const message =
      'scanners that ask for any name are shown our certificate; "refuse" hides it from them';
    problems.push(source.problem('warning', ['unknownServerName'], message));
  }
  if (limits.lineBytesMax > limits.headBytesMax) {
    const message = `is more than headBytesMax (${limits.headBytesMax}), so it never applies`;
    problems.push(source.problem('error', ['limits', 'lineBytesMax'], message));
  }
  if (limits.requestUriBytesMax > limits.lineBytesMax) {
    const message = `is more than lineBytesMax (${limits.lineBytesMax}), so it never applies`;
    problems.push(source.problem('error', ['limits', 'requestUriBytesMax'], message));
  }
  if (limits.connectionsPerSourceMax > limits.connectionsMax) {
    const message = 'is more than connectionsMax: one source could take every connection';
    problems.push(source.problem('error', ['limits', 'connectionsPerSourceMax'], message));
  }
  content.proxies.forEach(({ permissionModel, workers }, at) => {
    if (permissionModel !== 'required') {
      const message =
        'takes the process walls away (files, children, native code); only for debugging';
      problems.push(source.problem('warning', ['proxies', at, 'permissionModel'], message));
    }
    const wanted = Math.ceil(limits.connectionsMax / CONNECTIONS_OF_WORKER);
    if (workers < wanted) {
      const message = `(${workers}) may not carry limits.connectionsMax (${limits.connectionsMax}): what their channels have no room for is refused; ${wanted} do`;
      problems.push(source.problem('warning', ['proxies', at, 'workers'], message));
    }
  });
  return problems;
}

/**
 * A list for emergencies: what stands there outlives them, and a slip of the pen cuts nobody off. Whose partners are
 * in a database does not learn from files which of the two it is.
 */
function severedPolicy(
  { site, partners }: ParsedSite,
  read: IdentitiesRead,
): readonly SiteProblem[] {
  const { content, source } = site;
  const known = new Set(partners.map((partner) => partner.content.id));
  return content.severedPartners.map((id, at) => {
    const outlived =
      'whatever "sallyport partner" says and does; once it is severed there too, take it out here';
    const message =
      read === 'once'
        ? `${id} is cut off by this list, ${outlived}. Whether a partner is called that the database knows: a gateway’s log says so at the reload (site-warning)`
        : known.has(id)
          ? `${id} is cut off by this list, ${outlived}`
          : `no partner is called ${id}: nobody is cut off by this`;
    return source.problem('warning', ['severedPartners', at], message);
  });
}

function partnerPolicy(
  { source, content }: Parsed<PartnerFile>,
  { site }: ParsedSite,
): readonly SiteProblem[] {
  return partnerDoubts(content, site.content.limits).map(({ path, message }) =>
    source.problem('warning', path, message),
  );
}

/** A setting of a partner that is allowed, and seldom meant. */
export interface PartnerDoubt {
  readonly path: SettingPath;
  readonly message: string;
}

/** What to warn of in a partner's settings, whether a file or a command says them. */
export function partnerDoubts(
  settings: PartnerSettings,
  limits: Pick<SiteLimits, 'connectionsMax' | 'pendingRequestsMax'>,
): readonly PartnerDoubt[] {
  const { methods, eventPackages, sourceNetworks, connectionsMax, requestsInFlightMax } = settings;
  const doubts: PartnerDoubt[] = [];
  const tried = settings.trial?.methods ?? [];
  for (const [path, list] of [
    [['methods'], methods] as const,
    [['trial', 'methods'], tried] as const,
  ]) {
    list.forEach((method, index) => {
      const message = doubtOfMethod(method);
      if (message !== undefined) doubts.push({ path: [...path, index], message });
    });
  }
  eventPackages.forEach((name, index) => {
    const message = doubtOfPackage(name);
    if (message !== undefined) doubts.push({ path: ['eventPackages', index], message });
  });
  if (methods.includes('INVITE') && !methods.includes('BYE')) {
    const message = 'INVITE without BYE: sessions could begin and never end';
    doubts.push({ path: ['methods'], message });
  }
  const usesEvents = ['SUBSCRIBE', 'NOTIFY', 'PUBLISH'].some((method) => methods.includes(method));
  if (usesEvents && eventPackages.length === 0) {
    const message =
      'is empty, so every SUBSCRIBE, NOTIFY and PUBLISH is refused; name the packages';
    doubts.push({ path: ['eventPackages'], message });
  }
  if (
    methods.includes('REFER') &&
    !(methods.includes('NOTIFY') && eventPackages.includes('refer'))
  ) {
    const message = 'REFER without NOTIFY of the package refer: nobody hears what became of it';
    doubts.push({ path: ['methods'], message });
  }
  sourceNetworks.forEach((range, index) => {
    if (!range.endsWith('/0')) return;
    const message = `${range} means every address; leave the list empty to say so`;
    doubts.push({ path: ['sourceNetworks', index], message });
  });
  if (connectionsMax > limits.connectionsMax) {
    const message = `is more than limits.connectionsMax of the site (${limits.connectionsMax})`;
    doubts.push({ path: ['connectionsMax'], message });
  }
  if (requestsInFlightMax > limits.pendingRequestsMax) {
    const message =
      'is more than limits.pendingRequestsMax of the site: one partner could take it all';
    doubts.push({ path: ['requestsInFlightMax'], message });
  }
  return doubts;
}

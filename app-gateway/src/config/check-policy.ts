import type { Parsed, ParsedSite } from './parse-site.ts';
import type { PartnerFile } from './partner-schema.ts';
import type { SiteProblem } from './site-problem.ts';

/** Methods whose meaning this program knows. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH'],
  ...['INFO', 'UPDATE', 'PRACK', 'REFER'],
]);

/** Settings that are allowed and weaken the edge, and settings that contradict each other. */
export function checkPolicy(parsed: ParsedSite): readonly SiteProblem[] {
  return [
    ...sitePolicy(parsed),
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
  content.proxies.forEach((proxy, at) => {
    if (proxy.permissionModel === 'required') return;
    const message =
      'takes the process walls away (files, children, native code); only for debugging';
    problems.push(source.problem('warning', ['proxies', at, 'permissionModel'], message));
  });
  return problems;
}

function partnerPolicy(
  { source, content }: Parsed<PartnerFile>,
  { site }: ParsedSite,
): readonly SiteProblem[] {
  const { methods, eventPackages } = content;
  const problems: SiteProblem[] = [];
  methods.forEach((method, index) => {
    if (KNOWN_METHODS.has(method)) return;
    const message = `${method} is a method we know nothing of; it is passed on as it is`;
    problems.push(source.problem('warning', ['methods', index], message));
  });
  if (methods.includes('INVITE') && !methods.includes('BYE')) {
    const message = 'INVITE without BYE: sessions could begin and never end';
    problems.push(source.problem('warning', ['methods'], message));
  }
  const usesEvents = ['SUBSCRIBE', 'NOTIFY', 'PUBLISH'].some((method) => methods.includes(method));
  if (usesEvents && eventPackages.length === 0) {
    const message =
      'is empty, so every SUBSCRIBE, NOTIFY and PUBLISH is refused; name the packages';
    problems.push(source.problem('warning', ['eventPackages'], message));
  }
  content.sourceNetworks.forEach((range, index) => {
    if (!range.endsWith('/0')) return;
    const message = `${range} means every address; leave the list empty to say so`;
    problems.push(source.problem('warning', ['sourceNetworks', index], message));
  });
  if (content.connectionsMax > site.content.limits.connectionsMax) {
    const message = `is more than limits.connectionsMax of the site (${site.content.limits.connectionsMax})`;
    problems.push(source.problem('warning', ['connectionsMax'], message));
  }
  if (content.requestsInFlightMax > site.content.limits.pendingRequestsMax) {
    const message =
      'is more than limits.pendingRequestsMax of the site: one partner could take it all';
    problems.push(source.problem('warning', ['requestsInFlightMax'], message));
  }
  return problems;
}

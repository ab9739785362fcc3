import { checkAnchors } from './check-anchors.ts';
import { reasonForNoLedger } from './check-database.ts';
import { checkOwnCertificate } from './check-own-certificate.ts';
import { type NamedFiles, textOf } from './named-files.ts';
import type { ParsedSite } from './parse-site.ts';
import type { SiteProblem } from './site-problem.ts';

/** Each destination of the ledger can be told apart, and its certificates can be used. */
export function checkSiem(
  { site }: ParsedSite,
  files: NamedFiles,
  nowMs: number,
): readonly SiteProblem[] {
  const { siem } = site.content;
  const names = siem.map(({ name }) => name);
  const inEach = siem.flatMap(({ name, ca, identity }, at) => {
    const problems: SiteProblem[] = [];
    if (names.indexOf(name) < at) {
      const message = `"${name}" is used twice; names must be unique`;
      problems.push(site.source.problem('error', ['siem', at, 'name'], message));
    }
    const authorities = textOf(files, ca);
    for (const { severity, message } of authorities === undefined
      ? []
      : checkAnchors(authorities, nowMs)) {
      problems.push(site.source.problem(severity, ['siem', at, 'ca'], message));
    }
    const chain = identity && textOf(files, identity.chain);
    const key = identity && textOf(files, identity.key);
    if (chain === undefined || key === undefined) return problems;
    const { findings } = checkOwnCertificate(chain, key, nowMs, 'client');
    for (const { severity, part, message } of findings) {
      problems.push(site.source.problem(severity, ['siem', at, 'identity', part], message));
    }
    return problems;
  });
  const reason = siem.length > 0 ? reasonForNoLedger(site.content) : undefined;
  if (reason === undefined) return inEach;
  const message = `gets nothing: there is no ledger, for this file says ${reason}`;
  return [site.source.problem('warning', ['siem'], message), ...inEach];
}

import { sealBox } from '@sallyport/shared/audit/sealed-box.ts';
import type { IdentitiesRead } from './check-certificates.ts';
import { reasonForNoLedger } from './check-database.ts';
import { doubtOfMethod } from './doubtful-method.ts';
import type { ParsedSite } from './parse-site.ts';
import type { SiteProblem } from './site-problem.ts';

/**
 * Words are recorded only for somebody who can read them, and only where it was said whose. A partner that a rule names
 * is looked for where partners are known: not in files of which a database has taken in its own.
 */
export function checkBodies(
  { site, partners }: ParsedSite,
  read: IdentitiesRead,
): readonly SiteProblem[] {
  const { auditors, rules } = site.content.audit.bodies;
  const problem = (path: readonly (string | number)[], message: string): SiteProblem =>
    site.source.problem('error', ['audit', 'bodies', ...path], message);
  const problems: SiteProblem[] = [];
  const reason = rules.length > 0 ? reasonForNoLedger(site.content) : undefined;
  if (reason !== undefined) {
    const message = `record nothing: there is no ledger, for this file says ${reason}`;
    problems.push(site.source.problem('warning', ['audit', 'bodies', 'rules'], message));
  }
  if (rules.length > 0 && auditors.length === 0) {
    const message =
      'nobody could read what these rules record: name an auditor (sallyport audit auditor-key)';
    problems.push(problem(['rules'], message));
  }
  auditors.forEach(({ name, key }, at) => {
    const isFirst = auditors.findIndex((other) => other.name === name) === at;
    if (!isFirst) problems.push(problem(['auditors', at, 'name'], `"${name}" is used twice`));
    if (!isUsable(key)) problems.push(problem(['auditors', at, 'key'], 'is no X25519 key'));
    if (auditors.findIndex((other) => other.key === key) < at) {
      problems.push(problem(['auditors', at, 'key'], 'is the key of another auditor as well'));
    }
  });
  rules.forEach(({ name, partner, users, methods }, at) => {
    methods.forEach((method, index) => {
      const doubt = doubtOfMethod(method);
      if (doubt === undefined) return;
      const path = ['audit', 'bodies', 'rules', at, 'methods', index];
      problems.push(site.source.problem('warning', path, doubt));
    });
    const isKnown = partners.some(({ content }) => content.id === partner);
    if (partner !== undefined && !isKnown && read === 'always') {
      const path = ['audit', 'bodies', 'rules', at, 'partner'];
      const message = `no partner is called ${partner}: nothing is recorded by this rule`;
      problems.push(site.source.problem('warning', path, message));
    }
    if (rules.findIndex((other) => other.name === name) < at) {
      problems.push(problem(['rules', at, 'name'], `"${name}" is used twice`));
    }
    if (partner === undefined && users === undefined) {
      problems.push(
        problem(['rules', at], 'says neither a partner nor users, so it records nobody'),
      );
    }
  });
  return problems;
}

/** A point of small order gives no shared secret (RFC 7748 §6.1), and nothing could be sealed for it. */
function isUsable(key: string): boolean {
  try {
    sealBox(Buffer.from(key, 'base64'), Buffer.alloc(1), 'trial');
    return true;
  } catch {
    return false;
  }
}

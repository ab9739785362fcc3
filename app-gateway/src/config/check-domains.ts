import type { ParsedSite } from './parse-site.ts';
import type { SiteProblem } from './site-problem.ts';

/**
 * Every domain has one owner: us, or one partner; and inside, one community.
 *
 * Who a sender is, is decided by domain, so a domain with two owners would let one speak for the other.
 */
export function checkDomains(parsed: ParsedSite): readonly SiteProblem[] {
  return [...ownDomains(parsed), ...communityDomains(parsed), ...partnerDomains(parsed)];
}

function ownDomains({ site }: ParsedSite): readonly SiteProblem[] {
  const { domains, communities } = site.content;
  const served = new Set(communities.flatMap((community) => community.domains));
  return domains.flatMap((domain, index) => {
    const path = ['domains', index];
    if (domains.indexOf(domain) < index) {
      return [site.source.problem('error', path, `${domain} is listed twice`)];
    }
    if (served.has(domain)) return [];
    const message = `no community serves ${domain}: its users cannot be reached`;
    return [site.source.problem('warning', path, message)];
  });
}

function communityDomains({ site }: ParsedSite): readonly SiteProblem[] {
  const own = new Set(site.content.domains);
  const owner = new Map<string, string>();
  return site.content.communities.flatMap((community, at) =>
    community.domains.flatMap((domain, index) => {
      const path = ['communities', at, 'domains', index];
      const other = owner.get(domain);
      owner.set(domain, other ?? community.id);
      if (other !== undefined) {
        return [site.source.problem('error', path, `${domain} is already served by ${other}`)];
      }
      if (own.has(domain)) return [];
      const message = `${domain} is not ours: add it to "domains" of the site, or take it out here`;
      return [site.source.problem('error', path, message)];
    }),
  );
}

function partnerDomains({ site, partners }: ParsedSite): readonly SiteProblem[] {
  const own = new Set(site.content.domains);
  const owner = new Map<string, string>();
  return partners.flatMap(({ source, content }) =>
    content.domains.flatMap((domain, index) => {
      const path = ['domains', index];
      const other = owner.get(domain);
      owner.set(domain, other ?? source.file);
      if (own.has(domain)) {
        return [source.problem('error', path, `${domain} is our own: no partner may speak for it`)];
      }
      if (other === undefined) return [];
      return [source.problem('error', path, `${domain} already belongs to ${other}`)];
    }),
  );
}

import type { ParsedSite } from '../config/parse-site.ts';
import type { SiteProblem } from '../config/site-problem.ts';

/** Where distribution points in certificates are: revocation lists are signed, and fetched without TLS (RFC 5280 §8). */
const LIST_PORT = 80;

/**
 * What partners' files want of proxies that no rule of the plan lets them do; with a database, whose partners are not
 * here, nobody says it.
 */
export function checkPartners({ site, partners }: ParsedSite): readonly SiteProblem[] {
  const ports = site.content.network?.partnerPorts ?? [];
  const allowed = ports.join(', ');
  return partners
    .filter(({ content: { enabled, severed } }) => enabled && severed === undefined)
    .flatMap(({ source, content: { endpoints, revocation, trial } }) => {
      const { mode, fetch } = revocation;
      const modes = [mode, trial?.revocation ?? 'off'];
      return [
        ...endpoints.flatMap(({ port }, at) =>
          port === undefined || ports.includes(port)
            ? []
            : [
                source.problem(
                  'warning',
                  ['endpoints', at, 'port'],
                  `no firewall lets proxies dial port ${port}: network.partnerPorts names ${allowed}`,
                ),
              ],
        ),
        ...(fetch && modes.some((each) => each !== 'off') && !ports.includes(LIST_PORT)
          ? [
              source.problem(
                'warning',
                ['revocation'],
                `proxies fetch revocation lists by HTTP, and no firewall lets them: add ${LIST_PORT} to network.partnerPorts (${allowed}), or give lists as files with fetch: false`,
              ),
            ]
          : []),
      ];
    });
}

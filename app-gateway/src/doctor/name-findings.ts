import { type Finding, fine, judged, unknown } from './finding.ts';
import type { NodeSettings } from './node-settings.ts';

/** What a question to the DNS brought. */
export interface NameAnswer {
  readonly name: string;
  /** `reach`: whatever is answered, a server was reached. */
  readonly type: 'address' | 'SRV' | 'reach';
  /** Undefined: no server answered. Empty: there is nothing. */
  readonly found: readonly string[] | undefined;
  /** No answer, since the server looks nothing up for whoever asked. */
  readonly isRefused?: boolean;
}

/** A question that a host should ask. */
export type NameQuestion = Pick<NameAnswer, 'name' | 'type'>;

/** A name that no server has, and every server says so (RFC 6761 §6.4). */
const NOWHERE = 'sallyport.invalid';
const DOMAINS_MAX = 20;
const NAMES_MAX = 16;

/** Which names partners will ask for, as far as this node’s files name them. */
export function nameQuestions({ publicNames, domains }: NodeSettings): readonly NameQuestion[] {
  const hosts = publicNames.filter(isName).slice(0, NAMES_MAX);
  return [
    { name: NOWHERE, type: 'reach' },
    ...[...new Set(hosts)].map((name) => ({ name, type: 'address' as const })),
    ...domains
      .slice(0, DOMAINS_MAX)
      .map((domain) => ({ name: `_sips._tcp.${domain}`, type: 'SRV' as const })),
  ];
}

/** What the DNS says about the names under which partners look for us, as it is seen from this host. */
export function nameFindings(
  settings: NodeSettings,
  answers: readonly NameAnswer[],
): readonly Finding[] {
  const isAnswered = answers.some(({ found }) => found !== undefined);
  if (!isAnswered)
    return [
      unanswered(
        settings,
        answers.some(({ isRefused }) => isRefused === true),
      ),
    ];
  return [
    fine('name-servers', serversText(settings), 'one of them answers'),
    ...answers
      .filter(({ type }) => type !== 'reach')
      .map((answer) => nameFinding(settings, answer)),
  ];
}

/** A proxy finds partners by DNS; a gateway does without, and in most plans it may ask nobody. */
function unanswered(settings: NodeSettings, isRefused: boolean): Finding {
  const where = serversText(settings);
  const what = isRefused ? 'name servers refuse to look names up' : 'no name server answers';
  if (settings.role !== 'proxy') {
    const seen = `${what}: the site’s names were not looked at`;
    return unknown(
      'name-servers',
      where,
      seen,
      'look them up from outside; a gateway asks nobody where site.yaml has addresses',
    );
  }
  const next = isRefused
    ? 'have them resolve names for this host, or name others'
    : 'see /etc/resolv.conf, and the firewall';
  return { id: 'name-servers', level: 'fault', what, where, next };
}

function serversText({ nameservers }: NodeSettings): string {
  return nameservers.length === 0 ? 'the system’s name servers' : nameservers.join(', ');
}

function nameFinding({ published }: NodeSettings, { name, type, found }: NameAnswer): Finding {
  const id = type === 'SRV' ? 'service-record' : 'public-name';
  if (found === undefined) return unknown(id, name, 'no answer came', 'ask again');
  if (found.length === 0) {
    const what = 'the DNS has nothing for it, as seen from here';
    const next =
      type === 'SRV'
        ? `publish ${name} SRV 0 0 ${published?.port ?? 5061} ${published?.host ?? 'HOST'}.`
        : 'publish its address';
    return { id, level: 'warning', what, where: name, next };
  }
  if (type === 'address' || published === undefined) return fine(id, name, found.join(', '));
  return judged(
    found.includes(`${published.host}:${published.port}`),
    { id, where: name, what: found.join(', ') },
    { level: 'warning', next: `the site file says ${published.host}:${published.port}` },
  );
}

function isName(text: string): boolean {
  return /[a-z]/i.test(text) && !text.includes(':');
}

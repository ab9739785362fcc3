/** Groups of commands, and what each is about. */
export const GROUPS: ReadonlyMap<string, string> = new Map([
  ['site', 'the files of a site, and its two programs'],
  ['operator', 'people who may change things'],
  ['partner', 'partner companies: exchange, verify, roll over, sever'],
  ['cert', 'our own identities, their keys and certificates'],
  ['node', 'hosts of this site'],
  ['events', 'what was changed, when and by whom'],
  ['audit', 'the ledger: search, draw, report, prove'],
  ['state', 'partners and identities as files'],
  ['doctor', 'what a host is like, and what reaches what around it'],
  ['plan', 'the network around a site: rules, matrix, diagram, bundles'],
]);

/** Groups that are pages of the manual, and not typed. */
const STAND_ALONE: ReadonlySet<string> = new Set(['site', 'state']);

/** The words of a command as they are typed: init, import, doctor and others stand alone. */
export function shownWords(words: readonly [group: string, name: string]): readonly string[] {
  return STAND_ALONE.has(words[0]) || words[0] === words[1] ? [words[1]] : words;
}

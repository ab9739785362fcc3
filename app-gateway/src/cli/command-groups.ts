/** Groups of commands, and what each is about. */
export const GROUPS: ReadonlyMap<string, string> = new Map([
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

/** The words of a command as they are typed: import, export, doctor and plan stand alone. */
export function shownWords(words: readonly [group: string, name: string]): readonly string[] {
  return words[0] === 'state' || words[0] === words[1] ? [words[1]] : words;
}

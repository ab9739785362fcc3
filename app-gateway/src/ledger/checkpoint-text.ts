import type { StoredCheckpoint } from '../ports/ledger-store.ts';

/** A checkpoint as one signed note: witnesses' lines below the ledger's own. */
export function checkpointText({ note, cosignatures }: StoredCheckpoint): string {
  const lines = Object.values(cosignatures).map((line) => `${line.trimEnd()}\n`);
  return `${note.trimEnd()}\n${lines.join('')}`;
}

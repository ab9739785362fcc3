import { parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { verifyCosignature } from '@sallyport/shared/audit/cosignature.ts';
import { type Note, parseNote, verifyNote } from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, type NoteKey, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { publicKeyOfRaw } from '@sallyport/shared/audit/raw-key.ts';
import type { FindingList } from './finding.ts';
import type { LedgerKeys } from './pack-format.ts';

/** A checkpoint whose signatures were verified. */
export interface JudgedCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly isSignedByLedger: boolean;
  /** Node and the time that it gave, in seconds. */
  readonly witnesses: readonly { readonly node: string; readonly timestampS: number }[];
}

/** Keys in the form that signatures are verified with. */
export interface NoteKeys {
  readonly origin: string;
  readonly ledger: NoteKey;
  /** `untilS`: from then on the word of a host that is no longer of the site counts for nothing. */
  readonly witnesses: readonly {
    readonly node: string;
    readonly key: NoteKey;
    readonly untilS: number;
  }[];
}

/** The day on which a host was taken out, and one more, in which its gateways heard of it. */
const FORMER_DAYS_S = 2 * 86_400;

export function noteKeysOf({ origin, ledger, witnesses, former }: LedgerKeys): NoteKeys {
  const raw = (base64: string) => publicKeyOfRaw('Ed25519', Buffer.from(base64, 'base64'));
  return {
    origin,
    ledger: noteKey(origin, NOTE_KEY_TYPE.ed25519, raw(ledger)),
    witnesses: Object.entries(witnesses).map(([node, key]) => ({
      node,
      key: noteKey(node, NOTE_KEY_TYPE.cosignature, raw(key)),
      untilS: untilS(former?.[node]),
    })),
  };
}

function untilS(since: string | undefined): number {
  return since === undefined ? Number.POSITIVE_INFINITY : Date.parse(since) / 1000 + FORMER_DAYS_S;
}

/** Who signed a checkpoint. What is wrong about it goes to the findings; undefined: it says nothing that can be used. */
export function judgeCheckpoint(
  text: string,
  keys: NoteKeys,
  findings: FindingList,
): JudgedCheckpoint | undefined {
  const note = parseNote(Buffer.from(text));
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : undefined;
  if (!note.ok || checkpoint?.ok !== true) {
    findings.add('checkpoint-malformed');
    return undefined;
  }
  const { origin, size, root } = checkpoint.value;
  if (origin !== keys.origin) {
    findings.add('origin-wrong', { detail: `size ${size}` });
    return undefined;
  }
  const isSignedByLedger = verifyNote(note.value, [keys.ledger]).ok;
  if (!isSignedByLedger) findings.add('ledger-key-wrong', { detail: `size ${size}` });
  return { size, root, isSignedByLedger, witnesses: witnessesOf(note.value, size, keys, findings) };
}

/** A known key is known by name and number: a line that shares one of them with it is of a stranger, and changes nothing (C2SP signed-note). */
function witnessesOf(
  note: Note,
  size: number,
  { ledger, witnesses }: NoteKeys,
  findings: FindingList,
): JudgedCheckpoint['witnesses'] {
  const judged: { node: string; timestampS: number }[] = [];
  for (const signature of note.signatures) {
    if (signature.name === ledger.name) continue;
    const { name, keyId } = signature;
    const witness = witnesses.find(({ node, key }) => node === name && key.keyId === keyId);
    const place = { detail: `${signature.name}, size ${size}` };
    if (witness === undefined) {
      findings.add('cosignature-unknown', place);
      continue;
    }
    const timestampS = verifyCosignature(note.text, signature, witness.key);
    if (timestampS === undefined) findings.add('cosignature-wrong', place);
    else if (timestampS >= witness.untilS) findings.add('cosignature-former', place);
    else judged.push({ node: witness.node, timestampS });
  }
  return judged;
}

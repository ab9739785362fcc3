import { openSealedFile, type SealedFileFault } from '@sallyport/certs/sealed-file.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type BackupFrame, FrameReader } from './backup-frame.ts';

const WORDS: Readonly<Record<SealedFileFault, string>> = {
  'not-sealed': 'is no backup',
  'passphrase-or-damage': 'does not open: the passphrase is wrong, or the file was changed',
  'cut-off': 'is cut off: its end is missing',
  'goes-on': 'goes on behind its end',
};

/** The parts of a sealed backup one after another; the first fault, in words for an operator, is the last that comes. */
export async function* readBackup(
  input: AsyncIterable<Buffer>,
  passphrase: string,
): AsyncGenerator<Result<BackupFrame, string>> {
  const reader = new FrameReader();
  for await (const piece of openSealedFile(input, passphrase)) {
    if (!piece.ok) return yield err(WORDS[piece.error]);
    const frames = reader.push(piece.value);
    if (!frames.ok) {
      return yield err(`${frames.error}: use the version of Sallyport that wrote the backup`);
    }
    for (const frame of frames.value) yield ok(frame);
  }
  if (!reader.isEmpty) yield err('ends within a part');
}

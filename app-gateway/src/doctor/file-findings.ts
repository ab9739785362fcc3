import { join } from 'node:path';
import { counted } from '../commands/text-table.ts';
import { type Finding, fine, unknown } from './finding.ts';
import type { FileFacts, SystemView } from './system-view.ts';

/** The user whose process it is; undefined where none runs. */
export interface ServiceUser {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** Folders that a program writes to. Below its bundle they are not looked into: what is in them is its own. */
export const WRITTEN_FOLDERS: ReadonlySet<string> = new Set(['spool', 'state', 'run']);

const FILES_MAX = 5000;
const DEPTH_MAX = 4;
const SHOWN_MAX = 5;
const SECRET = /\.(?:key|password|passphrase)$/;

/** Owners and modes of a bundle: keys closed to others, and nothing in it that the program itself could change. */
export function bundleFileFindings(
  system: SystemView,
  bundle: string,
  user: ServiceUser | undefined,
): readonly Finding[] {
  const files = filesBelow(system, bundle);
  const keys = files.filter(({ path }) => SECRET.test(path));
  const open = keys.filter(({ facts }) => (facts.mode & 0o007) !== 0);
  const groupMayWrite = keys.filter(({ facts }) => (facts.mode & 0o020) !== 0);
  const othersMayWrite = files.filter(({ facts }) => (facts.mode & 0o002) !== 0);
  return [
    all('keys-closed', bundle, open, `${counted(keys.length, 'key')} closed to others`, {
      what: 'keys that every user of the host may read',
      next: 'chmod o= them, and count them as known to others',
    }),
    all('keys-unchangeable', bundle, groupMayWrite, 'no group may change a key', {
      what: 'keys that a group may change',
      next: 'chmod g-w',
    }),
    all('bundle-unchangeable', bundle, othersMayWrite, 'no other user may change the bundle', {
      what: 'files that every user of the host may change',
      next: 'chmod o-w, and compare them with the bundle as it was written',
    }),
    ownFinding(bundle, files, user),
  ];
}

/** Whether the program may write where it must. */
export function writableFindings(
  system: SystemView,
  folders: readonly string[],
  user: ServiceUser | undefined,
): readonly Finding[] {
  return folders.map((folder) => {
    const id = 'writable';
    const facts = system.facts(folder);
    if (facts === undefined) return unknown(id, folder, 'cannot be looked at', NOT_THERE);
    if (user === undefined) {
      return unknown(id, folder, 'nothing runs, so whose it should be is not known');
    }
    return mayWrite(facts, user)
      ? fine(id, folder, 'the program may write there')
      : {
          id,
          level: 'fault',
          what: `the program (user ${user.uid}) may not write there`,
          where: folder,
          next: `chown ${user.uid} ${folder}`,
        };
  });
}

/** What is written by the program has its folder from whoever puts the bundle in its place, or from the first start. */
export const NOT_THERE =
  'put the bundle in its place, or start the program: the folder is made then';

interface FoundFile {
  readonly path: string;
  readonly facts: FileFacts;
}

/** A program that is taken over must not be able to change what it starts with next time. */
function ownFinding(
  bundle: string,
  files: readonly FoundFile[],
  user: ServiceUser | undefined,
): Finding {
  const id = 'bundle-not-its-own';
  if (user === undefined) return unknown(id, bundle, 'nothing runs, so its user is not known');
  const own = files.filter(({ facts }) => mayWrite(facts, user) || facts.uid === user.uid);
  return all(id, bundle, own, 'the program may not change its own bundle', {
    what: 'files that the program itself may change',
    next: 'chown root: the files, and leave it what it writes',
    level: 'warning',
  });
}

function all(
  id: string,
  where: string,
  wrong: readonly FoundFile[],
  right: string,
  fault: { readonly what: string; readonly next: string; readonly level?: 'warning' },
): Finding {
  if (wrong.length === 0) return fine(id, where, right);
  const shown = wrong.slice(0, SHOWN_MAX).map(({ path }) => path);
  const more = wrong.length > SHOWN_MAX ? ` and ${wrong.length - SHOWN_MAX} more` : '';
  const { what, next, level = 'fault' } = fault;
  return { id, level, what, where: `${shown.join(', ')}${more}`, next };
}

/** As the kernel decides, capabilities aside: root may do everything and is told about elsewhere. */
function mayWrite({ uid, gid, mode }: FileFacts, user: ServiceUser): boolean {
  if (user.uid === 0) return true;
  if (uid === user.uid) return (mode & 0o200) !== 0;
  if (user.gids.includes(gid)) return (mode & 0o020) !== 0;
  return (mode & 0o002) !== 0;
}

/** The folder itself first: whoever may write there may put another file in a file’s place. */
function filesBelow(system: SystemView, bundle: string): readonly FoundFile[] {
  const found: FoundFile[] = [];
  const visit = (path: string, depth: number) => {
    const facts = system.facts(path);
    if (facts === undefined || found.length >= FILES_MAX) return;
    found.push({ path, facts });
    if (facts.kind !== 'folder' || depth === DEPTH_MAX) return;
    for (const name of system.names(path)) {
      if (depth > 0 || !WRITTEN_FOLDERS.has(name)) visit(join(path, name), depth + 1);
    }
  };
  visit(bundle, 0);
  return found;
}

import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Where things lie: the repository, and the folder that `setup.sh` filled. */
export interface Workplace {
  readonly repository: string;
  readonly folder: string;
  /** First of the addresses that the load comes from; absent: of 127.0.0.0/8. */
  readonly source?: string;
}

/** A file below the working folder. */
export function at(place: Workplace, ...path: readonly string[]): string {
  return join(place.folder, ...path);
}

/** The interpreter and a program of this repository. */
export function nodeProgram(place: Workplace, path: string): readonly string[] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', join(place.repository, path)];
}

/** Finds the working folder, which must have been set up. */
export function openWorkplace(folder: string, source?: string): Workplace {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const place = {
    repository,
    folder: resolve(repository, folder),
    ...(source === undefined ? {} : { source }),
  };
  if (!existsSync(at(place, 'bin', 'sipload'))) {
    throw new Error(`nothing in ${place.folder}: run bench/setup.sh first`);
  }
  mkdirSync(at(place, 'out'), { recursive: true });
  return place;
}

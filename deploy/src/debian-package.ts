import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of a package, at its place on the host. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable?: boolean;
}

/** Everything a Debian package says and holds. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: 'amd64' | 'arm64';
  readonly depends: readonly string[];
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly files: readonly PackedFile[];
  /** Where a link stands, and what is written in it. */
  readonly links: ReadonlyMap<string, string>;
  /** Folders that are empty at first; all are the administrator's alone until a script says otherwise. */
  readonly folders: readonly string[];
  /** `postinst`, `prerm`, `postrm`, by name. */
  readonly scripts: ReadonlyMap<string, string>;
}

const KIBIBYTE = 1024;
const LINE_CHARACTERS = 76;

/**
 * Lays a package out in a folder and has `dpkg-deb` pack it; returns the file's name.
 *
 * No time in it is later than `madeAt` and every owner is root, so the same files give the same bytes.
 */
export function packDebian(spec: DebianPackage, out: string, madeAt: Date): string {
  const tree = join(out, `${spec.name}.tree`);
  rmSync(tree, { recursive: true, force: true });
  for (const { path, bytes, isExecutable } of spec.files) {
    place(join(tree, path), bytes, isExecutable === true ? 0o755 : 0o644);
  }
  for (const folder of spec.folders) mkdirSync(join(tree, folder), { recursive: true });
  for (const [path, target] of spec.links) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    symlinkSync(target, join(tree, path));
  }
  place(join(tree, 'DEBIAN/control'), Buffer.from(controlFile(spec)), 0o644);
  place(join(tree, 'DEBIAN/md5sums'), Buffer.from(checksums(spec.files)), 0o644);
  for (const [name, text] of spec.scripts) {
    place(join(tree, 'DEBIAN', name), Buffer.from(text), 0o755);
  }
  settle(tree);
  const file = `${spec.name}_${spec.version}_${spec.architecture}.deb`;
  const seconds = String(Math.floor(madeAt.getTime() / 1000));
  execFileSync(
    'dpkg-deb',
    ['--root-owner-group', '-Zzstd', '-z12', '--threads-max=1', '--build', tree, join(out, file)],
    { env: { PATH: '/usr/bin:/bin', SOURCE_DATE_EPOCH: seconds }, stdio: 'ignore' },
  );
  rmSync(tree, { recursive: true });
  return file;
}

/** The control file (Debian Policy §5.3). */
export function controlFile(spec: DebianPackage): string {
  const bytes = spec.files.reduce((sum, file) => sum + file.bytes.length, 0);
  const fields = [
    ['Package', spec.name],
    ['Version', spec.version],
    ['Architecture', spec.architecture],
    ['Maintainer', 'Sallyport maintainers <maintainers@sallyport.invalid>'],
    ['Installed-Size', String(Math.ceil(bytes / KIBIBYTE))],
    ['Depends', spec.depends.join(', ')],
    ['Section', 'net'],
    ['Priority', 'optional'],
    ['Description', [spec.summary, ...extended(spec.description)].join('\n')],
  ];
  return fields.map(([name, value]) => `${name}: ${value}\n`).join('');
}

/** Lines of an extended description: indented, paragraphs parted by a full stop. */
function extended(paragraphs: readonly string[]): readonly string[] {
  return paragraphs.flatMap((paragraph, index) => [
    ...(index === 0 ? [] : [' .']),
    ...wrapped(paragraph).map((line) => ` ${line}`),
  ]);
}

function wrapped(paragraph: string): readonly string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= LINE_CHARACTERS) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

function checksums(files: readonly PackedFile[]): string {
  return files
    .map(({ path, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${path}\n`)
    .sort()
    .join('');
}

function place(path: string, bytes: Uint8Array, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  chmodSync(path, mode);
}

/** What the builder's umask made of the folders is undone. */
function settle(tree: string): void {
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
  chmodSync(tree, 0o755);
}

/** Reads a file that goes into a package as it is. */
export function packedFile(path: string, source: string, isExecutable = false): PackedFile {
  return { path, bytes: readFileSync(source), isExecutable };
}

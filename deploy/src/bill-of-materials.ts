import { createHash } from 'node:crypto';

/** What a lock file says of one package, as far as a bill of materials repeats it. */
export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
}

/** What one program is made of. */
export interface Materials {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Packages by their place in the lock file: `node_modules/pg`. */
  readonly packages: ReadonlyMap<string, LockedPackage>;
  /** Node.js and the libraries in it, as `process.versions` names them. */
  readonly nodeVersions: Readonly<Record<string, string | undefined>>;
  readonly bundler: { readonly name: string; readonly version: string };
  readonly madeAt: Date;
}

interface Component {
  readonly type: 'application' | 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly group?: string;
  readonly purl?: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly components?: readonly Component[];
}

/** Entries of `process.versions` that are numbers of interfaces and no software. */
const NO_SOFTWARE: ReadonlySet<string> = new Set(['node', 'modules', 'napi', 'tz', 'unicode']);

/**
 * The bill of materials of one program, as CycloneDX 1.6 (ECMA-424) in JSON.
 *
 * The same materials give the same bytes: its serial number is made from what it says.
 */
export function billOfMaterials(materials: Materials): object {
  const { name, version, licence, packages, madeAt, bundler } = materials;
  const libraries = [...packages].map(([place, locked]) => npmComponent(place, locked));
  const node = nodeComponent(materials.nodeVersions);
  const own = `sallyport/${name}@${version}`;
  const body = {
    version: 1,
    metadata: {
      timestamp: madeAt.toISOString(),
      tools: { components: [{ type: 'application', ...bundler }] },
      component: {
        type: 'application',
        'bom-ref': own,
        name,
        version,
        licenses: [licenceOf(licence)],
      },
    },
    components: [node, ...libraries],
    // A bundle is flat: which package wanted which is the lock file's to say.
    dependencies: [
      { ref: own, dependsOn: [node, ...libraries].map((component) => component['bom-ref']) },
    ],
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(body))}`;
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, ...body };
}

function npmComponent(place: string, locked: LockedPackage): Component {
  const full = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const [group, short] = full.startsWith('@') ? full.split('/') : [undefined, full];
  const purl = `pkg:npm/${full.replace('@', '%40')}@${locked.version}`;
  return {
    type: 'library',
    'bom-ref': `${place}@${locked.version}`,
    ...(group !== undefined && { group }),
    name: short ?? full,
    version: locked.version,
    purl,
    ...(locked.license !== undefined && { licenses: [licenceOf(locked.license)] }),
    ...(locked.integrity !== undefined && { hashes: hashesOf(locked.integrity) }),
  };
}

function nodeComponent(versions: Materials['nodeVersions']): Component {
  const version = versions['node'] ?? 'unknown';
  const inside = Object.entries(versions)
    .filter(([name, of]) => !NO_SOFTWARE.has(name) && of !== undefined && of !== '')
    .map(([name, of = '']) => ({
      type: 'library' as const,
      'bom-ref': `node@${version}/${name}@${of}`,
      name,
      version: of,
    }));
  return {
    type: 'platform',
    'bom-ref': `node@${version}`,
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    licenses: [licenceOf('MIT')],
    components: inside,
  };
}

/** An identifier of SPDX, or an expression of several. */
function licenceOf(licence: string): object {
  return /\s|\(/.test(licence) ? { expression: licence } : { license: { id: licence } };
}

/** A lock file's `sha512-BASE64`, as CycloneDX writes hashes. */
function hashesOf(integrity: string): NonNullable<Component['hashes']> {
  return integrity.split(' ').flatMap((one) => {
    const [, bits, base64] = /^sha(256|384|512)-([A-Za-z0-9+/=]+)/.exec(one) ?? [];
    if (bits === undefined || base64 === undefined) return [];
    return [{ alg: `SHA-${bits}`, content: Buffer.from(base64, 'base64').toString('hex') }];
  });
}

/** A name-based identifier (RFC 9562 §5.8) of a text. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

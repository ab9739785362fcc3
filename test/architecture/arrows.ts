import { codeAlone, type SourceFile, withoutComments } from './source-tree.ts';
import { ownPath } from './static-imports.ts';

/** What the files of a folder may know. The first zone whose folder fits is the one that counts. */
export interface Zone {
  readonly folder: string;
  /** Folders of our own, this zone's included. */
  readonly own: readonly string[];
  /** Modules of Node by name without prefix, or all of them. */
  readonly node: readonly string[] | 'all';
  readonly packages: readonly string[];
  /** Time, randomness and the process are inputs here. */
  readonly isPure?: boolean;
}

const PURE_NODE = ['buffer', 'crypto'];
const GATEWAY_ROOT = 'app-gateway/src/';

/** The rooms of both programs: each knows none but those before it. */
export const ROOMS = {
  'dmz-proxy': [
    'health',
    'dns',
    'identity',
    'bundle',
    'keys',
    'launcher',
    'connections',
    'flows',
    'audit',
    'outbound',
    'probe',
    'edge',
  ],
  'app-gateway': [
    'config',
    'domain',
    'ports',
    'ledger',
    'posture',
    'backup',
    'plan',
    'commands',
    'doctor',
    'adapters',
    'cli',
    'gateway',
  ],
} as const;

const PROXY_ROOMS = ROOMS['dmz-proxy'].map((room) => `dmz-proxy/src/${room}/`);

/** The arrows of the architecture: dmz-proxy -> shared, app-gateway -> shared and certs, certs -> shared. */
export const ZONES: readonly Zone[] = [
  {
    folder: 'shared/src/sip/',
    own: ['shared/src/sip/', 'shared/src/net/', 'shared/src/result.ts'],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'shared/src/net/',
    own: ['shared/src/net/', 'shared/src/result.ts'],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'shared/src/x509/',
    own: ['shared/src/x509/', 'shared/src/net/', 'shared/src/result.ts'],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'shared/src/channel/',
    own: [
      'shared/src/channel/',
      'shared/src/net/',
      'shared/src/x509/',
      'shared/src/sip/',
      'shared/src/result.ts',
    ],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'shared/src/audit/',
    own: ['shared/src/audit/', 'shared/src/net/', 'shared/src/result.ts'],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  { folder: 'shared/src/io/', own: ['shared/src/'], node: 'all', packages: [] },
  { folder: 'shared/src/', own: [], node: [], packages: [], isPure: true },
  ...PROXY_ROOMS.map(
    (folder, n): Zone => ({
      folder,
      own: [...PROXY_ROOMS.slice(0, n + 1), 'dmz-proxy/package.json', 'shared/src/'],
      node: 'all',
      packages: [],
    }),
  ),
  { folder: 'dmz-proxy/', own: ['dmz-proxy/', 'shared/src/'], node: 'all', packages: [] },
  {
    folder: 'certs/',
    own: ['certs/', 'shared/src/'],
    node: 'all',
    packages: ['@peculiar/x509', 'reflect-metadata', 'node-forge', 'qrcode-generator'],
  },
  {
    folder: 'app-gateway/src/domain/',
    own: ['app-gateway/src/domain/', 'app-gateway/src/config/', 'shared/src/'],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'app-gateway/src/ledger/',
    own: [
      'app-gateway/src/ledger/',
      'app-gateway/src/domain/',
      'app-gateway/src/ports/',
      'app-gateway/src/config/',
      'shared/src/',
    ],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'app-gateway/src/posture/',
    own: ['app-gateway/src/posture/', 'app-gateway/src/config/', 'shared/src/'],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'app-gateway/src/backup/',
    own: [
      'app-gateway/src/backup/',
      'app-gateway/src/domain/',
      'app-gateway/src/ports/',
      'certs/src/',
      'shared/src/',
    ],
    node: [...PURE_NODE, 'zlib'],
    packages: ['zod'],
  },
  {
    folder: 'app-gateway/src/ports/',
    own: [
      'app-gateway/src/domain/',
      'app-gateway/src/ports/',
      'app-gateway/src/config/',
      'shared/src/',
    ],
    node: PURE_NODE,
    packages: [],
    isPure: true,
  },
  {
    folder: 'app-gateway/src/config/',
    own: ['app-gateway/src/config/', 'shared/src/'],
    node: [...PURE_NODE, 'net'],
    packages: ['zod', 'yaml'],
  },
  {
    folder: 'app-gateway/src/commands/',
    own: [
      'app-gateway/src/commands/',
      'app-gateway/src/ledger/',
      'app-gateway/src/ports/',
      'app-gateway/src/domain/',
      'app-gateway/src/posture/',
      'app-gateway/src/backup/',
      'app-gateway/src/config/',
      'certs/src/',
      'shared/src/',
    ],
    node: [...PURE_NODE, 'net'],
    packages: ['zod'],
  },
  {
    folder: 'app-gateway/src/doctor/',
    own: [
      'app-gateway/src/doctor/',
      'app-gateway/src/plan/',
      'app-gateway/src/commands/text-table.ts',
      'app-gateway/src/ledger/render/',
      'app-gateway/src/config/',
      'shared/src/',
    ],
    node: [...PURE_NODE, 'path'],
    packages: ['zod'],
    isPure: true,
  },
  {
    folder: 'app-gateway/src/adapters/host/',
    own: ['app-gateway/src/adapters/host/', 'app-gateway/src/doctor/', 'shared/src/'],
    node: 'all',
    packages: [],
  },
  {
    folder: 'app-gateway/src/adapters/',
    own: [
      'app-gateway/src/adapters/',
      'app-gateway/src/commands/',
      'app-gateway/src/ledger/',
      'app-gateway/src/ports/',
      'app-gateway/src/domain/',
      'app-gateway/src/posture/',
      'app-gateway/src/config/',
      'shared/src/',
    ],
    node: 'all',
    packages: ['zod', 'kysely', 'kysely/migration', 'pg', '@electric-sql/pglite', 'fastify'],
  },
  {
    folder: 'app-gateway/src/plan/',
    own: [
      'app-gateway/src/plan/',
      'app-gateway/src/ledger/render/',
      'app-gateway/src/config/',
      'shared/src/',
    ],
    node: [...PURE_NODE, 'util'],
    packages: [],
    isPure: true,
  },
  {
    folder: 'app-gateway/src/cli/',
    own: [
      'app-gateway/src/cli/',
      'app-gateway/src/plan/',
      'app-gateway/src/commands/',
      'app-gateway/src/ledger/',
      'app-gateway/src/ports/',
      'app-gateway/src/domain/',
      'app-gateway/src/doctor/',
      'app-gateway/src/adapters/files/',
      'app-gateway/src/adapters/host/',
      'app-gateway/src/backup/',
      'app-gateway/src/program-version.ts',
      // A backup is put into a database that no gateway has open.
      'app-gateway/src/adapters/database/',
      'app-gateway/src/posture/',
      'app-gateway/src/config/',
      'certs/src/',
      'shared/src/',
    ],
    node: 'all',
    packages: ['commander'],
  },
  {
    folder: 'app-gateway/src/gateway/',
    own: [
      ...ROOMS['app-gateway']
        .filter((room) => room !== 'cli')
        .map((room) => `app-gateway/src/${room}/`),
      'app-gateway/src/program-version.ts',
      'shared/src/',
    ],
    node: 'all',
    packages: [],
  },
  {
    folder: GATEWAY_ROOT,
    own: [GATEWAY_ROOT, 'app-gateway/package.json', 'certs/src/', 'shared/src/'],
    node: 'all',
    packages: [],
  },
];

const SPECIFIER =
  /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]|(?<!['"])\bimport\s*['"]([^'"]+)['"]|\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g;
/** Ways to load code that no scan of imports can follow; Node's own HTTP is known by its name. */
const HIDDEN_LOAD =
  /\bcreateRequire\b|\bprocess\.(?:binding|dlopen|getBuiltinModule(?!\('node:http'\)))\b|\bimport\s*\(\s*[^'"`\s]|\beval\s*\(|\bnew Function\b/;
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\.|\brandom(?:Bytes|Int|UUID|FillSync)\b|\bgetRandomValues\b/;

/** What zones let a room of app-gateway know that does not come before it, one line each. */
export function backwardArrows(zones: readonly Zone[]): readonly string[] {
  const order = [...ROOMS['app-gateway'].map((room) => `app-gateway/src/${room}/`), GATEWAY_ROOT];
  const place = (path: string) => order.findIndex((room) => path.startsWith(room));
  return zones
    .filter(({ folder }) => folder.startsWith(GATEWAY_ROOT))
    .flatMap(({ folder, own }) =>
      own
        .filter((known) => !known.endsWith('.ts') && place(known) > place(folder))
        .map((known) => `${folder} -> ${known}`),
    );
}

/** What in these files goes against an arrow, one line each. */
export function violations(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const zone = ZONES.find(({ folder }) => file.path.startsWith(folder));
    if (zone === undefined) return [`${file.path}: lies in no zone`];
    const text = withoutComments(file.text);
    const code = codeAlone(file.text);
    const found = [...text.matchAll(SPECIFIER)]
      .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
      .filter((specifier) => !isAllowed(specifier, file.path, zone))
      .map((specifier) => `${file.path}: imports ${specifier}`);
    const hidden = HIDDEN_LOAD.exec(text)?.[0];
    if (hidden !== undefined) found.push(`${file.path}: loads code by ${hidden.trim()}`);
    const impure = zone.isPure === true ? IMPURE.exec(code)?.[0] : undefined;
    if (impure !== undefined) found.push(`${file.path}: uses ${impure}`);
    return found;
  });
}

function isAllowed(specifier: string, from: string, zone: Zone): boolean {
  if (specifier.startsWith('node:')) {
    return zone.node === 'all' || zone.node.includes(specifier.slice('node:'.length));
  }
  const own = ownPath(specifier, from);
  if (own !== undefined) return zone.own.some((folder) => own.startsWith(folder));
  return zone.packages.includes(specifier);
}

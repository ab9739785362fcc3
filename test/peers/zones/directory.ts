import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PlanSocket } from '@sallyport/app-gateway/plan/network-plan.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { pathOf } from '../support/available.ts';
import { testAuthority } from '../support/certificates.ts';
import { environment } from '../support/environment.ts';
import type { Program } from '../support/program.ts';
import type { Stage } from '../support/stage.ts';
import type { ZoneNetwork } from './zone-network.ts';

const SUFFIX = 'dc=acme,dc=example';
const READER = `cn=reader,${SUFFIX}`;
const READER_PASSWORD = 'correct horse battery staple';
const MAIL = 'anna@acme.example';
const MODULES = '/usr/lib/ldap';
const SCHEMAS = '/etc/ldap/schema';
/** For whoever is expected to get through, on a busy machine too. */
const PATIENT_SECONDS = 10;
/** For whoever is not: a SYN that is dropped is sent again after one second, so that two of them are counted. */
const HASTY_SECONDS = 3;
const SEARCH_MS = 20_000;

/** What became of one search. */
export type Found = 'read' | 'not reached' | `exit code ${number}`;

/** OpenLDAP's slapd with one person in it, on the host and the port that the plan reserves for a directory. */
export class Directory {
  readonly #network: ZoneNetwork;
  readonly #program: Program;
  readonly #uri: string;
  readonly #ca: string;
  readonly #passwordFile: string;

  private constructor(
    network: ZoneNetwork,
    program: Program,
    uri: string,
    ca: string,
    passwordFile: string,
  ) {
    this.#network = network;
    this.#program = program;
    this.#uri = uri;
    this.#ca = ca;
    this.#passwordFile = passwordFile;
  }

  /** Starts it with a database in the stage's folder; it speaks TLS alone and tells nothing without a password. */
  static async start(stage: Stage, network: ZoneNetwork, socket: PlanSocket): Promise<Directory> {
    const { host } = socket;
    const folder = stage.subfolder(host);
    const authority = await testAuthority(folder, host);
    const issued = await issueLeaf(authority.issued, {
      commonName: host,
      ipAddresses: [socket.address],
      usages: ['serverAuth'],
      ...validForDays(Date.now(), 1),
    });
    const file = (name: string) => join(folder, name);
    writeFileSync(file('server.crt'), issued.certificatePem);
    writeFileSync(file('server.key'), issued.privateKeyPem, { mode: 0o600 });
    writeFileSync(file('password'), READER_PASSWORD, { mode: 0o600 });
    writeFileSync(file('slapd.conf'), configuration(folder), { mode: 0o600 });
    writeFileSync(file('people.ldif'), PEOPLE);
    mkdirSync(file('data'));
    const slapd = pathOf('slapd') ?? 'slapd';
    // The same program, under the name that makes it fill a database.
    execFileSync(slapd, ['-T', 'add', '-f', file('slapd.conf'), '-l', file('people.ldif')]);
    const uri = `ldaps://${socket.address}:${socket.port}`;
    const args = ['-f', file('slapd.conf'), '-h', uri, '-d', 'stats'];
    const program = await stage.start(
      { name: `slapd-on-${host}`, ...network.at(host).command(slapd, args) },
      ({ log }) => log.includes('slapd starting'),
    );
    return new Directory(network, program, uri, authority.file, file('password'));
  }

  /** Binds from a host of the network, verifies the server's certificate and looks the person up. */
  async searchFrom(name: string, isExpected: boolean, ca = this.#ca): Promise<Found> {
    const seconds = isExpected ? PATIENT_SECONDS : HASTY_SECONDS;
    const { command, args } = this.#network
      .at(name)
      .command('ldapsearch', [
        ...['-x', '-LLL', '-H', this.#uri, '-o', `nettimeout=${seconds}`],
        ...['-D', READER, '-y', this.#passwordFile, '-b', SUFFIX, '(uid=anna)', 'mail'],
      ]);
    const options = {
      timeout: SEARCH_MS,
      env: { ...environment, LDAPTLS_CACERT: ca, LDAPTLS_REQCERT: 'demand' },
    };
    try {
      const { stdout } = await promisify(execFile)(command, args, options);
      assert.match(stdout, new RegExp(`^mail: ${MAIL}$`, 'm'));
      return 'read';
    } catch (fault) {
      if (!(fault instanceof Error) || !('stderr' in fault) || !('code' in fault)) throw fault;
      if (String(fault.stderr).includes("Can't contact LDAP server")) return 'not reached';
      return `exit code ${Number(fault.code)}`;
    }
  }

  /** Addresses from which connections came about, as slapd itself saw them. */
  get callers(): ReadonlySet<string> {
    const accepted = this.#program.log.matchAll(/ ACCEPT from IP=(\S+):\d+ /g);
    return new Set([...accepted].map(([, address = '']) => address));
  }
}

function configuration(folder: string): string {
  return `include ${SCHEMAS}/core.schema
include ${SCHEMAS}/cosine.schema
include ${SCHEMAS}/inetorgperson.schema
modulepath ${MODULES}
moduleload back_mdb
pidfile ${folder}/pid
TLSCACertificateFile ${folder}/server.crt
TLSCertificateFile ${folder}/server.crt
TLSCertificateKeyFile ${folder}/server.key
disallow bind_anon
database mdb
maxsize 10485760
suffix "${SUFFIX}"
directory ${folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
`;
}

const PEOPLE = `dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
dc: acme
o: acme

dn: ${READER}
objectClass: person
cn: reader
sn: reader
userPassword: ${READER_PASSWORD}

dn: uid=anna,${SUFFIX}
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: Example
mail: ${MAIL}
`;

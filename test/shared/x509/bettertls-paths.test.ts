import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  algorithm,
  basicConstraints,
  ecKey,
  extendedKeyUsage,
  nameConstraints,
  Oid,
  TEST_TIME_MS,
} from '../../x509-builder.ts';
import { authority, type Entity, endEntity, judge } from './path-stage.ts';

/** Who signed whom: `issuer>subject`; `<>` stands for both directions. */
interface TrustGraph {
  readonly edges: readonly string[];
  readonly anchors: readonly string[];
}

/** RFC 4158 §2.3, figure 7: A and C have signed each other. */
const MESH: TrustGraph = {
  edges: edgesOf('T>A T>C A<>C A>B C>B B>EE'),
  anchors: ['T'],
};

/** RFC 4158 §2.4: four authorities around a bridge, each with a net of its own; the leaf is in that of X. */
const BRIDGE: TrustGraph = {
  edges: edgesOf(
    `W<>Br X<>Br Y<>Br Z<>Br  W>F W>G F>H F<>G H<>I G>I  X>J X>L J>K L>N L>M N>EE
     Y>A Y>C A<>C A>B C>B B>E B>D  Z>O Z>P O>Q O>R P>S R>S`,
  ),
  anchors: ['W', 'X', 'Y', 'Z'],
};

type Flaw =
  | 'expired'
  | 'name constraints'
  | 'purpose'
  | 'no basicConstraints'
  | 'not a CA'
  | 'SHA-1';

/** What is wrong with a certificate that no path may lead over. */
const FLAWS: Readonly<Record<Flaw, Partial<Parameters<typeof authority>[0]>>> = {
  expired: { notBeforeMs: 0, notAfterMs: TEST_TIME_MS - 1000 },
  'name constraints': { more: [nameConstraints(['dns:bad.example.com'])] },
  purpose: { purposes: extendedKeyUsage([Oid.emailProtection]) },
  'no basicConstraints': { basicConstraints: null },
  'not a CA': { basicConstraints: basicConstraints(false) },
  'SHA-1': { innerAlgorithm: algorithm('1.2.840.10045.4.1') },
};

describe('paths through the graphs of RFC 4158 (after bettertls)', () => {
  it('are found where, and only where, sound certificates lead, whichever of the mesh are flawed', () => {
    const intermediate = MESH.edges.filter((edge) => !edge.endsWith('>EE'));
    const subsets = 2 ** intermediate.length;
    for (const flaw of Object.keys(FLAWS) as Flaw[]) {
      const stage = new GraphStage(MESH, flaw);
      for (let subset = 0; subset < subsets; subset++) {
        const flawed = intermediate.filter((_, n) => ((subset >> n) & 1) === 1);
        stage.check('T', flawed);
      }
    }
  });

  for (const anchor of BRIDGE.anchors) {
    for (const flaw of Object.keys(FLAWS) as Flaw[]) {
      it(`over the bridge from ${anchor}, none or any one certificate flawed: ${flaw}`, () => {
        const stage = new GraphStage(BRIDGE, flaw);
        stage.check(anchor, []);
        for (const edge of BRIDGE.edges) {
          if (!edge.endsWith('>EE')) stage.check(anchor, [edge]);
        }
      });
    }
  }
});

/** The certificates of a graph, each sound and flawed, and the plain verdict on what can be reached. */
class GraphStage {
  readonly #graph: TrustGraph;
  readonly #flaw: Flaw;
  readonly #nodes = new Map<string, Entity>();
  readonly #made = new Map<string, Entity>();

  constructor(graph: TrustGraph, flaw: Flaw) {
    this.#graph = graph;
    this.#flaw = flaw;
  }

  check(anchor: string, flawed: readonly string[]): void {
    const intermediates: Entity[] = [];
    let leaf: Entity | undefined;
    for (const edge of this.#graph.edges) {
      const made = this.#certificate(edge, flawed.includes(edge));
      if (edge.endsWith('>EE')) leaf = made;
      else intermediates.push(made);
    }
    assert.ok(leaf !== undefined);
    const verdict = judge({ leaf, anchors: [this.#node(anchor)], intermediates });
    const isReached = this.#isReached(anchor, flawed, [anchor]);
    assert.equal(verdict === 'accepted', isReached, `${flawed.join()} ${this.#flaw}: ${verdict}`);
  }

  /** Whether sound certificates lead from here to the leaf, over no more of them than we allow. */
  #isReached(from: string, flawed: readonly string[], path: readonly string[]): boolean {
    if (from === 'EE') return path.length <= 8;
    return this.#graph.edges.some((edge) => {
      const [issuer, subject] = edge.split('>') as [string, string];
      if (issuer !== from || flawed.includes(edge) || path.includes(subject)) return false;
      return this.#isReached(subject, flawed, [...path, subject]);
    });
  }

  #certificate(edge: string, isFlawed: boolean): Entity {
    const key = `${edge} ${isFlawed}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      const [issuer, subject] = edge.split('>').map((name) => this.#node(name)) as [Entity, Entity];
      const oddities = isFlawed ? FLAWS[this.#flaw] : {};
      made = edge.endsWith('>EE')
        ? endEntity(issuer)
        : authority({ ...oddities, subject: subject.subject, key: subject.key }, issuer);
      this.#made.set(key, made);
    }
    return made;
  }

  #node(name: string): Entity {
    let node = this.#nodes.get(name);
    if (node === undefined) {
      node = authority({ subject: `CN=${name}`, key: ecKey() });
      this.#nodes.set(name, node);
    }
    return node;
  }
}

function edgesOf(text: string): readonly string[] {
  return text.split(/\s+/).flatMap((edge) => {
    const [one, other] = edge.split('<>');
    return other === undefined ? [edge] : [`${one}>${other}`, `${other}>${one}`];
  });
}

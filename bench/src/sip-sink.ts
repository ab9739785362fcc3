import { LOAD_CORE, PinnedProcess } from './pinned-process.ts';
import { at, type Workplace } from './workplace.ts';

/** Where every system listens. */
export const EDGE_PORT = 5061;

/** Where the sink answers: the next hop of every system. */
export const SINK_PORT = 5071;

/** Arguments of our C programs that name the authority, certificate and key. */
export function identityArguments(
  place: Workplace,
  who: 'partner' | 'next-partner' | 'inner',
): readonly string[] {
  const file = (name: string) => at(place, 'pki', name);
  return ['-A', file('ca.crt'), '-c', file(`${who}.crt`), '-k', file(`${who}.key`)];
}

/** Answers 200 to every request, one TLS record each; stands for the servers inside. */
export function startSipSink(place: Workplace): PinnedProcess {
  return new PinnedProcess(
    LOAD_CORE,
    [
      at(place, 'bin', 'sipsink'),
      '-l',
      `127.0.0.1:${SINK_PORT}`,
      ...identityArguments(place, 'inner'),
    ],
    at(place, 'out', 'sipsink.log'),
  );
}

import { ownAddressOf } from '@sallyport/shared/net/every-address.ts';
import type { HealthAnswer } from '../../doctor/health-findings.ts';
import { http } from './node-http.ts';

const TIMEOUT_MS = 2000;
const ANSWER_BYTES_MAX = 4_194_304;

/** Asks a program on this machine about itself; status 0 where nobody answers. */
export async function askHealth(place: {
  readonly host: string;
  readonly port: number;
}): Promise<HealthAnswer> {
  const health = await ask(place, '/health');
  const metrics = health.status === 0 ? { text: '' } : await ask(place, '/metrics');
  return { ...health, metrics: metrics.text };
}

function ask(
  { host, port }: { readonly host: string; readonly port: number },
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const nobody = () => resolve({ status: 0, text: '' });
    const request = http.get({ host: ownAddressOf(host), port, path, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > ANSWER_BYTES_MAX) response.destroy();
        else pieces.push(piece);
      });
      response.on('error', nobody);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
      );
      response.on('close', nobody);
    });
    request.setTimeout(TIMEOUT_MS, () => request.destroy());
    request.on('error', nobody);
  });
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deployPages } from './deploy-pages.ts';
import { manualPages } from './manual-pages.ts';
import { posturePage } from './posture-page.ts';
import { takingOverPage } from './taking-over-page.ts';

/**
 * Writes the manual, the pages about deploying and the tables of the pages about posture and operations anew; tests fail
 * while they are not what the definitions say.
 */
const folder = fileURLToPath(new URL('../../../../docs/manual/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const { file, text } of manualPages()) writeFileSync(`${folder}${file}`, text);

const posture = fileURLToPath(new URL('../../../../docs/posture.md', import.meta.url));
writeFileSync(posture, posturePage(readFileSync(posture, 'utf8')));

const operations = fileURLToPath(new URL('../../../../docs/operations.md', import.meta.url));
writeFileSync(operations, takingOverPage(readFileSync(operations, 'utf8')));

const deploy = fileURLToPath(new URL('../../../../docs/deploy/', import.meta.url));
mkdirSync(deploy, { recursive: true });
for (const { file, text } of deployPages()) writeFileSync(`${deploy}${file}`, text);

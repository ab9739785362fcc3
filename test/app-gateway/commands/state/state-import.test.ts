import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PARTNER_YAML, SITE_YAML, siteTexts } from '../../site-fixture.ts';
import { CommandBench, sent } from '../command-bench.ts';

interface Imported {
  readonly difference: readonly { readonly subject: string; readonly kind: string }[];
}

describe('import and export over the socket', () => {
  let bench: CommandBench;
  let texts: [string, string][];
  const folder = () => texts.map(([path, text]) => ({ ...sent('', text), name: path }));
  const changes = ({ difference }: Imported) =>
    difference.map(({ subject, kind }) => `${subject} ${kind}`);

  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann', 'bob');
    texts = [
      ['site.yaml', SITE_YAML],
      ['partners/globex.yaml', PARTNER_YAML],
      ...(await siteTexts()),
    ];
  });
  after(() => bench.close());

  const everything = ['partner/globex added', 'identity/main added'];

  it('shows the difference and changes nothing, then changes all of it at once, then nothing', async () => {
    const given = { folder: folder() };
    assert.equal(await bench.refused(['state', 'import'], given, 'bob'), 'role-too-low');
    const dry = await bench.done<Imported>(['state', 'import'], { ...given, dryRun: true }, 'ann');
    assert.deepEqual(changes(dry), everything);
    const { partners } = await bench.done<{ partners: [] }>(['partner', 'list'], {});
    assert.equal(partners.length, 0);
    const done = await bench.done<Imported>(['state', 'import'], given, 'ann');
    assert.deepEqual(changes(done), everything);
    assert.doesNotMatch(JSON.stringify(done), /PRIVATE KEY/);
    assert.deepEqual(changes(await bench.done(['state', 'import'], given, 'ann')), []);
  });

  it('refuses files that are wrong, with every problem by file and line', async () => {
    const wrong = folder().map((file) =>
      file.name.startsWith('partners/globex.yaml')
        ? { ...file, ...sent('', `${PARTNER_YAML}metods: []\n`), name: file.name }
        : file,
    );
    const { error } = await bench.ask(['state', 'import'], { folder: wrong }, 'ann');
    assert.equal(error?.code, 'site-files-wrong');
    assert.match(error?.message ?? '', /partners\/globex\.yaml:5.*metods/);
    const outside = [{ ...sent('', 'x'), name: '../site.yaml' }];
    assert.equal(
      await bench.refused(['state', 'import'], { folder: outside }, 'ann'),
      'parameters-wrong',
    );
  });

  it('refuses files that changed places under a signature', async () => {
    const one = [
      { ...sent('', 'a'), name: 'a/x.crt' },
      { ...sent('', 'b'), name: 'b/x.crt' },
    ];
    const swapped = [
      { ...sent('', 'b'), name: 'a/x.crt' },
      { ...sent('', 'a'), name: 'b/x.crt' },
    ];
    const signed = bench.signed(['state', 'import'], { folder: one }, 'ann');
    const { error } = await bench.ask(['state', 'import'], { folder: swapped }, undefined, signed);
    assert.equal(error?.code, 'other-parameters-signed');
  });

  it('exports what imports again to nothing new', async () => {
    const { files } = await bench.done<{ files: { name: string; text: string }[] }>(
      ['state', 'export'],
      {},
    );
    assert.doesNotMatch(JSON.stringify(files), /PRIVATE KEY/);
    const exported = files.filter(({ name }) => name.startsWith('partners/'));
    const again = [
      ...folder().filter(({ name }) => !name.endsWith('.yaml') || name === 'site.yaml'),
      ...exported.map(({ name, text }) => ({ ...sent('', text), name })),
    ];
    assert.deepEqual(changes(await bench.done(['state', 'import'], { folder: again }, 'ann')), []);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  listProblems,
  listsOfFiles,
  shownList,
} from '@sallyport/app-gateway/commands/partner/revocation-lists.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildRevocationList } from '../../../revocation-list-builder.ts';
import { ecKey } from '../../../x509-builder.ts';

const key = ecKey();
const DERS = ['Globex CA', 'Initech CA'].map((name) =>
  buildRevocationList({ issuer: { subject: `CN=${name}`, key } }),
);
const PEMS = DERS.map((der) => encodePem(der, 'X509 CRL'));
const [DER = Buffer.alloc(0)] = DERS;
const [PEM = ''] = PEMS;
const NO_LIST = encodePem(Buffer.from('rubbish'), 'X509 CRL');
const sent = (name: string, content: Buffer | string) => ({
  name,
  base64: Buffer.from(content).toString('base64'),
});

describe('revocation lists that are given to a partner of the database', () => {
  it('come out of files in DER and in PEM, each one a text of its own', () => {
    const read = listsOfFiles([sent('a.crl', DER), sent('both.pem', `of ours\n${PEMS.join('')}`)]);
    assert.deepEqual(read, { ok: true, value: [PEM, ...PEMS] });
  });

  it('are refused by the file that holds none', () => {
    const cut = PEM.slice(0, 200);
    const files = [sent('a', DER), sent('b', 'rubbish'), sent('c', NO_LIST), sent('d', cut)];
    const read = listsOfFiles(files);
    assert.deepEqual(
      !read.ok && read.error.map((problem) => problem.slice(0, problem.indexOf(' '))),
      ['b:', 'c:', 'd:'],
    );
  });

  it('are texts in settings, unless they were there before', () => {
    assert.deepEqual(listProblems(PEMS, []), []);
    assert.match(listProblems([PEM, 'lists/a.crl'], []).join(), /^revocation\.lists\.1: .*file/);
    assert.match(listProblems([NO_LIST], []).join(), /^revocation\.lists\.0: .*can use/);
    assert.deepEqual(listProblems(['lists/a.crl', NO_LIST], ['lists/a.crl', NO_LIST]), []);
  });

  it('are shown to people by whose they are', () => {
    assert.match(shownList(PEM), /^list of Globex CA, good until 2026-06-30 /);
    assert.deepEqual(['soft-fail', NO_LIST].map(shownList), ['soft-fail', NO_LIST]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromPartner, header, responseTo, type Sent } from '../core/core-stage.ts';

describe('where a call is redirected to', () => {
  const redirected = (contact: string, status = 302) => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE'));
    const { text } = stage.take().at(-1) as Sent;
    stage.response('staff', responseTo(text, status, [`Contact: ${contact}`]));
    return header((stage.take().at(-1) as Sent).text, 'Contact');
  };

  it('is told where it is a user of a partner', () => {
    const contact = '<sip:alice2@globex.example>;q=0.5, <sip:dan@initech.example:5061;user=phone>';
    assert.equal(redirected(contact), contact);
  });

  it('is hidden where it is any other place, or leads to one', () => {
    for (const contact of [
      '<sip:bob@10.1.2.3>',
      '<sip:dan@initech.example;maddr=10.1.2.3>',
      '<sip:dan@initech.example;x=one.inner.example>',
      '<sip:dan@elsewhere.example>',
    ]) {
      assert.match(redirected(contact), /^<sip:sp1-[\w-]+@sip\.acme\.example/, contact);
    }
  });

  it('is hidden where a part of a user of ours or of a partner names an inner server', () => {
    for (const contact of [
      '<sip:bob%40one.inner.example@acme.example>',
      '<sip:bob:one%2einner%2eexample@acme.example>',
      '<sip:bob@acme.example;gr=one.inner.example>',
      '<sip:one.inner.example@globex.example>',
    ]) {
      assert.match(redirected(contact), /^<sip:sp1-[\w-]+@sip\.acme\.example/, contact);
    }
    assert.equal(redirected('<sip:bob@acme.example;gr=one>'), '<sip:bob@acme.example;gr=one>');
  });

  it('is left out where the context of a telephone number is an inner server', () => {
    const local = '<tel:7042;phone-context=acme.example>';
    assert.equal(redirected(`<tel:7042;phone-context=one.inner.example>, ${local}`), local);
  });

  it('is no matter of a Contact that begins a dialog', () => {
    assert.match(redirected('<sip:alice2@globex.example>', 200), /^<sip:sp1-/);
  });
});

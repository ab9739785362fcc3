import type { Entity } from '../../shared/x509/path-stage.ts';
import { basicConstraints } from '../../x509-builder.ts';
import { keyOf } from './chain-keys.ts';
import { type Draft, madeOf, NOW_MS, type Plan } from './odd-chains.ts';
import { type Oddity, shape } from './oddity.ts';

const YESTERDAY_MS = NOW_MS - 86_400_000;

/** Other certificates in the place of those that are sent. */
function sending(
  name: string,
  change: (sent: readonly Entity[], made: readonly Entity[], plan: Plan) => readonly Entity[],
): Oddity {
  return shape(name, (plan) => {
    const { sent } = plan;
    plan.sent = (made) => change(sent(made), made, plan);
  });
}

/** Others in the place of those that are trusted. */
function trusting(
  name: string,
  change: (made: readonly Entity[], plan: Plan) => readonly Entity[],
) {
  return shape(name, (plan) => {
    plan.trusted = (made) => change(made, plan);
  });
}

function authorityLike(draft: Draft | undefined, changes: Partial<Draft>, issuer?: Entity): Entity {
  return madeOf({ ...(draft as Draft), ...changes }, issuer, false);
}

const stranger = () => authorityLike(undefined, { subject: 'CN=old', key: keyOf('p256', 20) });

/** What is sent and trusted: cross-signed, in any order, twice, or not at all (RFC 4158). */
export const shapesOdd: readonly Oddity[] = [
  sending('sent backwards', (sent) => sent.toReversed()),
  sending('root sent too', (sent, made) => [...sent, ...made.slice(0, 1)]),
  sending('root sent first', (sent, made) => [...made.slice(0, 1), ...sent]),
  sending('leaf sent twice', (sent, made) => [...made.slice(-1), ...sent]),
  sending('all sent twice', (sent) => [...sent, ...sent]),
  sending('nothing sent', () => []),
  sending('certificates with trailing bytes', (sent) =>
    sent.map((entity) => ({ ...entity, der: Buffer.concat([entity.der, Buffer.of(0)]) })),
  ),
  sending('cross-signed root, expired', (sent, _made, { drafts: [anchor] }) => {
    const cross = authorityLike(anchor, { notAfterMs: YESTERDAY_MS }, stranger());
    return [cross, ...sent, cross];
  }),
  sending('cross-signed root of an unknown', (sent, _made, { drafts: [anchor] }) => {
    const old = stranger();
    const cross = authorityLike(anchor, {}, old);
    return [cross, ...sent, cross, old];
  }),
  sending('two cross-signed in a loop', (sent, _made, { drafts: [anchor] }) => {
    const [a, b] = [21, 22].map((n) => ({ subject: `CN=loop ${n}`, key: keyOf('p256', n) }));
    const first = authorityLike(a, {});
    const second = authorityLike(b, {}, first);
    return [authorityLike(a, {}, second), second, authorityLike(anchor, {}, second), ...sent];
  }),
  sending('another of the same name and another key sent first', (sent, [root], plan) => [
    authorityLike(plan.drafts[1], { key: keyOf('p256', 23) }, root),
    ...sent,
  ]),
  sending('expired twin of an intermediate', (sent, [root], plan) => [
    authorityLike(plan.drafts[1], { notAfterMs: YESTERDAY_MS }, root),
    ...sent,
  ]),
  trusting('another anchor of the same name', (made, { drafts: [anchor] }) => [
    authorityLike(anchor, { key: keyOf('p256', 24) }),
    ...made.slice(0, 1),
  ]),
  trusting('anchor only of the same name', (_made, { drafts: [anchor] }) => [
    authorityLike(anchor, { key: keyOf('p256', 24) }),
  ]),
  trusting('trusts the intermediate alone', (made) => made.slice(1, 2)),
  trusting('trusts the leaf alone', (made) => made.slice(-1)),
  trusting('trusts nobody here', () => [stranger()]),
  shape('key rollover', ({ drafts }) => {
    const [anchor] = drafts as [Draft];
    drafts.splice(1, 0, { ...anchor, key: keyOf('p256', 26) });
  }),
  shape('key rollover under a tight pathLen', ({ drafts }) => {
    const [anchor] = drafts as [Draft];
    const tight = { basicConstraints: basicConstraints(true, drafts.length - 2) };
    drafts.splice(0, 1, { ...anchor, ...tight }, { ...anchor, key: keyOf('p256', 26) });
  }),
  shape('leaf self-issued', ({ drafts }) => {
    const leaf = drafts.at(-1) as Draft;
    leaf.subject = (drafts.at(-2) as Draft).subject;
  }),
];

import {
  CoreStage,
  type FakeOrigin,
  fromInside,
  fromPartner,
  header,
  headers,
  responseTo,
  type Sent,
} from './core-stage.ts';

export const INNER_CONTACT = '<sip:bob@10.9.8.7:5070;transport=tls>';
export const INNER_ROUTE = '<sip:one.inner.example:5061;transport=tls;lr>';
export const PARTNER_CONTACT = '<sip:alice@198.51.100.20:5061;transport=tls>';
export const PARTNER_ROUTE = '<sip:edge.globex.example:5061;transport=tls;lr>';

/** What a user agent remembers of a dialog (RFC 3261 §12.1). */
export interface Dialog {
  readonly callId: string;
  readonly target: string;
  readonly routes: readonly string[];
}

/** The URI between angle brackets. */
export function uriOf(value: string): string {
  return value.slice(value.indexOf('<') + 1, value.indexOf('>'));
}

/** The caller's view: route set reversed from the response. */
export function callerDialog(answer: string): Dialog {
  return {
    callId: header(answer, 'Call-ID'),
    target: uriOf(header(answer, 'Contact')),
    routes: headers(answer, 'Record-Route').toReversed(),
  };
}

/** The callee's view: route set as in the request. */
export function calleeDialog(request: string): Dialog {
  return {
    callId: header(request, 'Call-ID'),
    target: uriOf(header(request, 'Contact')),
    routes: headers(request, 'Record-Route'),
  };
}

/** A dialog that globex began, with an inner proxy that stays in the path. */
export function begunByPartner(
  method: string,
  stage = new CoreStage(),
  innerRoutes: readonly string[] = [INNER_ROUTE],
  innerContact = INNER_CONTACT,
) {
  const extra = [`Contact: ${PARTNER_CONTACT}`, `Record-Route: ${PARTNER_ROUTE}`];
  stage.request(stage.globex, fromPartner(method, { extra, callId: 'x@globex.example' }));
  const request = stage.take().at(-1) as Sent;
  // An inner proxy adds itself above us.
  const above = innerRoutes.map((route) => `Record-Route: ${route}\r\n`).join('');
  const answered = request.text.replace('Record-Route:', `${above}Record-Route:`);
  stage.response('staff', responseTo(answered, 200, [`Contact: ${innerContact}`]));
  const answer = stage.take().at(-1) as Sent;
  return {
    stage,
    partner: callerDialog(answer.text),
    inside: calleeDialog(answered),
    answer: answer.text,
    request: request.text,
  };
}

/** A dialog that bob began, over that proxy; another one stands at globex. */
export function begunInside(method: string, stage = new CoreStage()) {
  const extra = [`Contact: ${INNER_CONTACT}`, `Record-Route: ${INNER_ROUTE}`];
  stage.request(stage.staff, fromInside(method, { extra, callId: 'y@one.inner.example' }));
  const request = stage.take().at(-1) as Sent;
  const answered = request.text.replace(
    'Record-Route:',
    `Record-Route: ${PARTNER_ROUTE}\r\nRecord-Route:`,
  );
  stage.response('globex', responseTo(answered, 200, [`Contact: ${PARTNER_CONTACT}`]));
  const answer = stage.take().at(-1) as Sent;
  return {
    stage,
    partner: calleeDialog(answered),
    inside: callerDialog(answer.text),
    answer: answer.text,
    request: request.text,
  };
}

let branches = 0;

/** A request of the partner in a dialog, over its own proxy. */
export function partnerSends(
  stage: CoreStage,
  method: string,
  dialog: Dialog,
  by?: FakeOrigin,
  extra: readonly string[] = [],
): void {
  const [, ...routes] = dialog.routes[0]?.includes('globex')
    ? dialog.routes
    : ['', ...dialog.routes];
  stage.request(
    by ?? stage.globex,
    fromPartner(method, {
      uri: dialog.target,
      via: `SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKp${++branches}`,
      to: '<sip:bob@acme.example>;tag=far1',
      callId: dialog.callId,
      cseq: 2,
      ...(by === stage.initech && { from: '<sip:mallory@initech.example>;tag=alice1' }),
      extra: [...routes.map((route) => `Route: ${route}`), ...extra],
    }),
  );
}

/** A request of the inside in a dialog, over the inner proxy. */
export function insideSends(
  stage: CoreStage,
  method: string,
  dialog: Dialog,
  extra: readonly string[] = [],
): void {
  const routes = dialog.routes.filter((route) => route !== INNER_ROUTE);
  stage.request(
    stage.staff,
    fromInside(method, {
      uri: dialog.target,
      via: `SIP/2.0/TLS one.inner.example:5061;branch=z9hG4bKi${++branches}`,
      to: '<sip:alice@globex.example>;tag=far1',
      callId: dialog.callId,
      cseq: 2,
      extra: [...routes.map((route) => `Route: ${route}`), ...extra],
    }),
  );
}

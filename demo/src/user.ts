import {
  type Invitation,
  Inviter,
  type Message,
  Messager,
  type Session,
  SessionState,
  Subscriber,
  URI,
  UserAgent,
} from 'sip.js';
import {
  type Body,
  C,
  type IncomingResponse,
  type IncomingSubscribeRequest,
} from 'sip.js/lib/core/index.js';
import { TlsTransport, type TlsTransportOptions } from './tls-transport.ts';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n';
const ANSWER_TIMEOUT_MS = 5000;

/** A person with a sip.js user agent over TLS, at a company's SIP server. */
export class User {
  readonly address: string;
  readonly #agent: UserAgent;
  readonly #note: string;
  /** Text of messages as they come in. */
  onText: (text: string, from: string) => void = () => undefined;
  onRinging: () => void = () => undefined;
  /** Call-ID of what this person sent last and has an answer to. */
  lastCallId = '';

  constructor(address: string, note: string, transport: TlsTransportOptions) {
    this.address = address;
    this.#note = note;
    const [name = '', domain = ''] = address.split('@');
    this.#agent = new UserAgent({
      uri: new URI('sip', name, domain),
      contactName: name,
      viaHost: `${name}.desk.${domain}`,
      userAgentString: `DeskPhone ${name}`,
      transportConstructor: TlsTransport,
      transportOptions: transport,
      logBuiltinEnabled: false,
      sessionDescriptionHandlerFactory: () => new StillDescription(),
      delegate: {
        onMessage: (message) => this.#textCame(message),
        onInvite: (invitation) => this.#callCame(invitation),
        onSubscribeRequest: (request) => this.#watcherCame(request),
      },
    });
  }

  async start(): Promise<number> {
    await this.#agent.start();
    return (this.#agent.transport as unknown as TlsTransport).localPort;
  }

  async stop(): Promise<void> {
    await this.#agent.transport.disconnect();
  }

  /** Sends a page-mode message (RFC 3428); resolves with the final status. */
  say(to: string, text: string): Promise<number> {
    const messager = new Messager(this.#agent, uriOf(to), text, 'text/plain');
    return withTimeout((resolve) => {
      const answered = ({ message }: IncomingResponse) => {
        this.lastCallId = message.callId;
        resolve(message.statusCode ?? 0);
      };
      void messager.message({ requestDelegate: { onAccept: answered, onReject: answered } });
    });
  }

  /** Subscribes to somebody's presence; resolves with the note of the first NOTIFY (RFC 6665, RFC 3856). */
  watch(whom: string): Promise<string> {
    const subscriber = new Subscriber(this.#agent, uriOf(whom), 'presence', { expires: 300 });
    return withTimeout((resolve) => {
      subscriber.delegate = {
        onNotify: (notification) => {
          void notification.accept();
          this.lastCallId = notification.request.callId;
          resolve(/<note>([^<]*)<\/note>/.exec(notification.request.body)?.[1] ?? '');
        },
      };
      void subscriber.subscribe();
    });
  }

  /** Calls, lets the other side answer, and hangs up; resolves once the BYE has its 200. */
  async call(whom: string): Promise<string[]> {
    const inviter = new Inviter(this.#agent, uriOf(whom));
    const steps: string[] = [];
    await withTimeout<void>((resolve) => {
      inviter.stateChange.addListener((state) => {
        if (state === SessionState.Established) resolve();
      });
      void inviter.invite({
        requestDelegate: {
          onProgress: (response) => steps.push(String(response.message.statusCode)),
          onAccept: (response) => steps.push(String(response.message.statusCode)),
        },
      });
    });
    this.lastCallId = inviter.request.callId;
    await hangUp(inviter, steps);
    return steps;
  }

  #textCame(message: Message): void {
    this.onText(message.request.body, message.request.from.uri.toString());
    void message.accept();
  }

  #callCame(invitation: Invitation): void {
    this.onRinging();
    void invitation.progress().then(() => invitation.accept());
  }

  /** Accepts a watcher and tells it at once how we are (RFC 6665 §4.2.1.2). */
  #watcherCame(request: IncomingSubscribeRequest): void {
    const { message } = request;
    const contact = `Contact: ${this.#agent.contact.toString()}`;
    const toTag = `watched-${message.fromTag}`;
    request.accept({ statusCode: 200, toTag, extraHeaders: [contact, 'Expires: 300'] });
    const target = message.parseHeader('contact')?.uri as URI | undefined;
    const core = this.#agent.userAgentCore;
    const notify = core.makeOutgoingRequestMessage(
      C.NOTIFY,
      target ?? message.from.uri,
      message.to.uri,
      message.from.uri,
      {
        callId: message.callId,
        cseq: 1,
        fromTag: toTag,
        toTag: message.fromTag,
        routeSet: message.getHeaders('record-route'),
      },
      ['Event: presence', 'Subscription-State: active;expires=300', contact],
      presenceOf(this.address, this.#note),
    );
    core.request(notify);
  }
}

function hangUp(session: Session, steps: string[]): Promise<void> {
  return withTimeout((resolve) => {
    void session.bye({
      requestDelegate: {
        onAccept: (response) => {
          steps.push(`BYE ${response.message.statusCode}`);
          resolve();
        },
      },
    });
  });
}

function presenceOf(address: string, note: string): Body {
  return {
    contentDisposition: 'render',
    contentType: 'application/pidf+xml',
    content:
      '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" ' +
      `entity="pres:${address}"><tuple id="t1"><status><basic>open</basic></status></tuple>` +
      `<note>${note}</note></presence>`,
  };
}

function uriOf(address: string): URI {
  const [name = '', domain = ''] = address.split('@');
  return new URI('sip', name, domain);
}

function withTimeout<T>(start: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ANSWER_TIMEOUT_MS);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

/** No media in the demo: the offer and the answer are one fixed text. */
class StillDescription {
  close(): void {
    // Nothing is open.
  }

  getDescription() {
    return Promise.resolve({ body: SDP, contentType: 'application/sdp' });
  }

  hasDescription(contentType: string): boolean {
    return contentType === 'application/sdp';
  }

  rollbackDescription(): Promise<void> {
    return Promise.resolve();
  }

  setDescription(): Promise<void> {
    return Promise.resolve();
  }

  sendDtmf(): boolean {
    return false;
  }
}

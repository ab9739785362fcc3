import type { AnyCommand } from './command.ts';
import type { CommandRefusal } from './command-refusal.ts';
import type { Parameters } from './signed-parameters.ts';

/** Where a gateway's socket stands, below its bundle. */
export const ADMIN_SOCKET = 'run/admin.sock';

/** Most that a request or an answer may have; a file of 1 MiB fits in base64. */
export const ADMIN_BYTES_MAX = 2_097_152;

/** `POST /v1/<group>/<name>`: parameters, and for a change what an operator signed. */
export interface AdminRequest {
  readonly parameters: Parameters;
  readonly payload?: string;
  /** Base64. */
  readonly signature?: string;
}

/** What every request is answered with. */
export type AdminAnswer =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly error: CommandRefusal };

/** `GET /v1/commands`: what an operator's program must know to sign, and every command. */
export interface AdminFacts {
  readonly site: string;
  readonly node: string;
  readonly commands: readonly {
    readonly words: readonly string[];
    readonly summary: string;
    readonly role?: string;
    readonly parameters: AnyCommand['parameters'];
  }[];
}

import {
  AUDIT_COMPARE,
  AUDIT_ERASE_DAY,
  AUDIT_EXPORT,
  AUDIT_HOLD,
  AUDIT_KEYS,
  AUDIT_MATCH,
  AUDIT_PROOF,
  AUDIT_REBUILD,
  AUDIT_RELEASE,
  AUDIT_REPORT,
  AUDIT_REVEAL,
  AUDIT_SEARCH,
  AUDIT_SHOW,
  AUDIT_STATS,
} from './audit/audit-descriptions.ts';
import {
  CERT_ACTIVATE,
  CERT_INSTALL,
  CERT_LIST,
  CERT_REQUEST,
  CERT_RETIRE,
} from './cert/cert-descriptions.ts';
import type { AnyCommand, CommandDescription } from './command.ts';
import { NODE_APPROVE, NODE_LIST, NODE_REVOKE } from './node/node-descriptions.ts';
import { OPERATOR_ADD, OPERATOR_DISABLE, OPERATOR_LIST } from './operator/operator-descriptions.ts';
import {
  PARTNER_ADD,
  PARTNER_CHANGE,
  PARTNER_CHECK,
  PARTNER_EXPLAIN,
  PARTNER_FORECAST,
  PARTNER_LIST,
  PARTNER_READ_REPORT,
  PARTNER_REMOVE,
  PARTNER_RESTORE,
  PARTNER_SEVER,
  PARTNER_SHOW,
} from './partner/partner-descriptions.ts';
import {
  PARTNER_ACTIVATE,
  PARTNER_OFFER,
  PARTNER_RECEIVE,
  PARTNER_REJECT,
  PARTNER_RETIRE,
  PARTNER_STAGE,
  PARTNER_VERIFY,
} from './partner/partner-key-descriptions.ts';
import {
  EVENTS_LIST,
  STATE_BACKUP,
  STATE_EXPORT,
  STATE_IMPORT,
  STATE_POSTURE,
} from './state/state-descriptions.ts';

/** A command of the running gateway: what is said of it, and the way to what it does. */
export interface CommandEntry {
  readonly description: CommandDescription;
  load(): Promise<AnyCommand>;
}

/** Every command of the running gateway, in the order of the manual; none of them is loaded yet. */
export const COMMAND_TABLE: readonly CommandEntry[] = [
  {
    description: OPERATOR_ADD,
    load: async () => (await import('./operator/operator-add.ts')).operatorAdd,
  },
  {
    description: OPERATOR_LIST,
    load: async () => (await import('./operator/operator-list.ts')).operatorList,
  },
  {
    description: OPERATOR_DISABLE,
    load: async () => (await import('./operator/operator-disable.ts')).operatorDisable,
  },
  {
    description: PARTNER_ADD,
    load: async () => (await import('./partner/partner-add.ts')).partnerAdd,
  },
  {
    description: PARTNER_LIST,
    load: async () => (await import('./partner/partner-list.ts')).partnerList,
  },
  {
    description: PARTNER_SHOW,
    load: async () => (await import('./partner/partner-show.ts')).partnerShow,
  },
  {
    description: PARTNER_CHANGE,
    load: async () => (await import('./partner/partner-change.ts')).partnerChange,
  },
  {
    description: PARTNER_OFFER,
    load: async () => (await import('./partner/partner-offer.ts')).partnerOffer,
  },
  {
    description: PARTNER_RECEIVE,
    load: async () => (await import('./partner/partner-receive.ts')).partnerReceive,
  },
  {
    description: PARTNER_VERIFY,
    load: async () => (await import('./partner/partner-verify.ts')).partnerVerify,
  },
  {
    description: PARTNER_STAGE,
    load: async () => (await import('./partner/partner-stage.ts')).partnerStage,
  },
  {
    description: PARTNER_ACTIVATE,
    load: async () => (await import('./partner/partner-activate.ts')).partnerActivate,
  },
  {
    description: PARTNER_RETIRE,
    load: async () => (await import('./partner/partner-retire.ts')).partnerRetire,
  },
  {
    description: PARTNER_REJECT,
    load: async () => (await import('./partner/partner-reject.ts')).partnerReject,
  },
  {
    description: PARTNER_SEVER,
    load: async () => (await import('./partner/partner-sever.ts')).partnerSever,
  },
  {
    description: PARTNER_RESTORE,
    load: async () => (await import('./partner/partner-restore.ts')).partnerRestore,
  },
  {
    description: PARTNER_REMOVE,
    load: async () => (await import('./partner/partner-remove.ts')).partnerRemove,
  },
  {
    description: PARTNER_CHECK,
    load: async () => (await import('./partner/partner-check.ts')).partnerCheck,
  },
  {
    description: PARTNER_READ_REPORT,
    load: async () => (await import('./partner/partner-read-report.ts')).partnerReadReport,
  },
  {
    description: PARTNER_EXPLAIN,
    load: async () => (await import('./partner/partner-explain.ts')).partnerExplain,
  },
  {
    description: PARTNER_FORECAST,
    load: async () => (await import('./partner/partner-forecast.ts')).partnerForecast,
  },
  { description: CERT_LIST, load: async () => (await import('./cert/cert-list.ts')).certList },
  {
    description: CERT_REQUEST,
    load: async () => (await import('./cert/cert-request.ts')).certRequest,
  },
  {
    description: CERT_INSTALL,
    load: async () => (await import('./cert/cert-install.ts')).certInstall,
  },
  {
    description: CERT_ACTIVATE,
    load: async () => (await import('./cert/cert-activate.ts')).certActivate,
  },
  {
    description: CERT_RETIRE,
    load: async () => (await import('./cert/cert-retire.ts')).certRetire,
  },
  {
    description: NODE_APPROVE,
    load: async () => (await import('./node/node-approve.ts')).nodeApprove,
  },
  { description: NODE_LIST, load: async () => (await import('./node/node-list.ts')).nodeList },
  {
    description: NODE_REVOKE,
    load: async () => (await import('./node/node-revoke.ts')).nodeRevoke,
  },
  {
    description: EVENTS_LIST,
    load: async () => (await import('./state/events-list.ts')).eventsList,
  },
  {
    description: AUDIT_SEARCH,
    load: async () => (await import('./audit/audit-search.ts')).auditSearch,
  },
  { description: AUDIT_SHOW, load: async () => (await import('./audit/audit-show.ts')).auditShow },
  {
    description: AUDIT_REPORT,
    load: async () => (await import('./audit/audit-report.ts')).auditReport,
  },
  {
    description: AUDIT_EXPORT,
    load: async () => (await import('./audit/audit-export.ts')).auditExport,
  },
  { description: AUDIT_KEYS, load: async () => (await import('./audit/audit-keys.ts')).auditKeys },
  {
    description: AUDIT_PROOF,
    load: async () => (await import('./audit/audit-proof.ts')).auditProof,
  },
  {
    description: AUDIT_COMPARE,
    load: async () => (await import('./audit/audit-compare.ts')).auditCompare,
  },
  {
    description: AUDIT_REBUILD,
    load: async () => (await import('./audit/audit-rebuild.ts')).auditRebuild,
  },
  {
    description: AUDIT_STATS,
    load: async () => (await import('./audit/audit-stats.ts')).auditStats,
  },
  { description: AUDIT_HOLD, load: async () => (await import('./audit/audit-hold.ts')).auditHold },
  {
    description: AUDIT_RELEASE,
    load: async () => (await import('./audit/audit-release.ts')).auditRelease,
  },
  {
    description: AUDIT_REVEAL,
    load: async () => (await import('./audit/audit-reveal.ts')).auditReveal,
  },
  {
    description: AUDIT_MATCH,
    load: async () => (await import('./audit/audit-match.ts')).auditMatch,
  },
  {
    description: AUDIT_ERASE_DAY,
    load: async () => (await import('./audit/audit-erase-day.ts')).auditEraseDay,
  },
  {
    description: STATE_IMPORT,
    load: async () => (await import('./state/state-import.ts')).stateImport,
  },
  {
    description: STATE_EXPORT,
    load: async () => (await import('./state/state-export.ts')).stateExport,
  },
  {
    description: STATE_POSTURE,
    load: async () => (await import('./state/state-posture.ts')).statePosture,
  },
  {
    description: STATE_BACKUP,
    load: async () => (await import('./state/state-backup.ts')).stateBackup,
  },
];

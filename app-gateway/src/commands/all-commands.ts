import { auditEraseDay } from './audit/audit-erase-day.ts';
import { auditExport } from './audit/audit-export.ts';
import { auditHold } from './audit/audit-hold.ts';
import { auditKeys } from './audit/audit-keys.ts';
import { auditProof } from './audit/audit-proof.ts';
import { auditRelease } from './audit/audit-release.ts';
import { auditReport } from './audit/audit-report.ts';
import { auditReveal } from './audit/audit-reveal.ts';
import { auditSearch } from './audit/audit-search.ts';
import { auditShow } from './audit/audit-show.ts';
import { auditStats } from './audit/audit-stats.ts';
import { certActivate } from './cert/cert-activate.ts';
import { certInstall } from './cert/cert-install.ts';
import { certList } from './cert/cert-list.ts';
import { certRequest } from './cert/cert-request.ts';
import { certRetire } from './cert/cert-retire.ts';
import type { AnyCommand } from './command.ts';
import { nodeApprove } from './node/node-approve.ts';
import { nodeList } from './node/node-list.ts';
import { nodeRevoke } from './node/node-revoke.ts';
import { operatorAdd } from './operator/operator-add.ts';
import { operatorDisable } from './operator/operator-disable.ts';
import { operatorList } from './operator/operator-list.ts';
import { partnerActivate } from './partner/partner-activate.ts';
import { partnerAdd } from './partner/partner-add.ts';
import { partnerChange } from './partner/partner-change.ts';
import { partnerCheck } from './partner/partner-check.ts';
import { partnerExplain } from './partner/partner-explain.ts';
import { partnerForecast } from './partner/partner-forecast.ts';
import { partnerList } from './partner/partner-list.ts';
import { partnerOffer } from './partner/partner-offer.ts';
import { partnerReceive } from './partner/partner-receive.ts';
import { partnerReject } from './partner/partner-reject.ts';
import { partnerRemove } from './partner/partner-remove.ts';
import { partnerRestore } from './partner/partner-restore.ts';
import { partnerRetire } from './partner/partner-retire.ts';
import { partnerSever } from './partner/partner-sever.ts';
import { partnerShow } from './partner/partner-show.ts';
import { partnerStage } from './partner/partner-stage.ts';
import { partnerVerify } from './partner/partner-verify.ts';
import { eventsList } from './state/events-list.ts';
import { stateBackup } from './state/state-backup.ts';
import { stateExport } from './state/state-export.ts';
import { stateImport } from './state/state-import.ts';
import { statePosture } from './state/state-posture.ts';

/** Every command of the running gateway, in the order of the manual. */
export const ALL_COMMANDS: readonly AnyCommand[] = [
  operatorAdd,
  operatorList,
  operatorDisable,
  partnerAdd,
  partnerList,
  partnerShow,
  partnerChange,
  partnerOffer,
  partnerReceive,
  partnerVerify,
  partnerStage,
  partnerActivate,
  partnerRetire,
  partnerReject,
  partnerSever,
  partnerRestore,
  partnerRemove,
  partnerCheck,
  partnerExplain,
  partnerForecast,
  certList,
  certRequest,
  certInstall,
  certActivate,
  certRetire,
  nodeApprove,
  nodeList,
  nodeRevoke,
  eventsList,
  auditSearch,
  auditShow,
  auditReport,
  auditExport,
  auditKeys,
  auditProof,
  auditStats,
  auditHold,
  auditRelease,
  auditReveal,
  auditEraseDay,
  stateImport,
  stateExport,
  statePosture,
  stateBackup,
];

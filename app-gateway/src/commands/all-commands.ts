import { auditEraseDay } from './audit-erase-day.ts';
import { auditExport } from './audit-export.ts';
import { auditHold } from './audit-hold.ts';
import { auditKeys } from './audit-keys.ts';
import { auditProof } from './audit-proof.ts';
import { auditRelease } from './audit-release.ts';
import { auditReport } from './audit-report.ts';
import { auditReveal } from './audit-reveal.ts';
import { auditSearch } from './audit-search.ts';
import { auditShow } from './audit-show.ts';
import { auditStats } from './audit-stats.ts';
import { certActivate } from './cert-activate.ts';
import { certInstall } from './cert-install.ts';
import { certList } from './cert-list.ts';
import { certRequest } from './cert-request.ts';
import { certRetire } from './cert-retire.ts';
import type { AnyCommand } from './command.ts';
import { eventsList } from './events-list.ts';
import { nodeApprove } from './node-approve.ts';
import { nodeList } from './node-list.ts';
import { nodeRevoke } from './node-revoke.ts';
import { operatorAdd } from './operator-add.ts';
import { operatorDisable } from './operator-disable.ts';
import { operatorList } from './operator-list.ts';
import { partnerActivate } from './partner-activate.ts';
import { partnerAdd } from './partner-add.ts';
import { partnerChange } from './partner-change.ts';
import { partnerCheck } from './partner-check.ts';
import { partnerExplain } from './partner-explain.ts';
import { partnerForecast } from './partner-forecast.ts';
import { partnerList } from './partner-list.ts';
import { partnerOffer } from './partner-offer.ts';
import { partnerReceive } from './partner-receive.ts';
import { partnerReject } from './partner-reject.ts';
import { partnerRemove } from './partner-remove.ts';
import { partnerRestore } from './partner-restore.ts';
import { partnerRetire } from './partner-retire.ts';
import { partnerSever } from './partner-sever.ts';
import { partnerShow } from './partner-show.ts';
import { partnerStage } from './partner-stage.ts';
import { partnerVerify } from './partner-verify.ts';
import { stateBackup } from './state-backup.ts';
import { stateExport } from './state-export.ts';
import { stateImport } from './state-import.ts';
import { statePosture } from './state-posture.ts';

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

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { codeAlone, ROOT, type SourceFile, sourceFiles } from './source-tree.ts';

/** Files without a test of their own, each with the reason. Files of nothing but types need no entry. */
const WITHOUT_TEST: ReadonlyMap<string, string> = new Map([
  ['app-gateway/src/gateway.ts', 'composition; the integration tests run it'],
  ['app-gateway/src/adapters/database/ledger-append.ts', 'judged by the ledger store contract'],
  ['app-gateway/src/adapters/database/ledger-read.ts', 'judged by the ledger store contract'],
  ['app-gateway/src/adapters/files/journal-files.ts', 'judged through journal.test.ts'],
  ['app-gateway/src/adapters/files/journal-reader.ts', 'judged through journal.test.ts'],
  ['app-gateway/src/commands/audit-bodies.ts', 'judged in audit-reveal.test.ts'],
  ['app-gateway/src/commands/audit-erase-day.ts', 'judged in audit-reveal.test.ts'],
  ['app-gateway/src/ledger/bodies/body-desk.ts', 'judged in audit-reveal.test.ts'],
  ['app-gateway/src/commands/audit-release.ts', 'judged in audit-hold.test.ts'],
  ['app-gateway/src/communities-reached.ts', 'a wait of the start; the integration tests run it'],
  ['app-gateway/src/open-ledger.ts', 'composition; the integration tests run it'],
  ['app-gateway/src/program-version.ts', 'reads one file; the integration tests run it'],
  ['app-gateway/src/reload-obstacle.ts', 'part of gateway.ts; the integration tests run it'],
  [
    'app-gateway/src/adapters/channel/audit-end.ts',
    'judged by integration/pair-keeps-a-ledger.test.ts',
  ],
  ['app-gateway/src/site-ledger.ts', 'judged by integration/pair-keeps-a-ledger.test.ts'],
  ['app-gateway/src/adapters/channel/partner-flow.ts', 'judged through channel-hub.test.ts'],
  ['app-gateway/src/adapters/channel/proxy-channel.ts', 'judged through channel-hub.test.ts'],
  [
    'app-gateway/src/adapters/community/community-connection.ts',
    'judged over real TLS in host-link.test.ts',
  ],
  [
    'app-gateway/src/adapters/community/community-pool.ts',
    'judged over real TLS in host-link.test.ts',
  ],
  [
    'app-gateway/src/adapters/community/community-trust.ts',
    'judged over real TLS in host-link.test.ts',
  ],
  [
    'app-gateway/src/domain/core/context-reply.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/hop-request.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/local-reply.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/machines.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/own-record-route.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/proxied-request.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/request-edits.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/request-key.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/request-plan.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/response-edits.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/core/upstream-head.ts',
    'judged through proxy-core.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/hiding/call-id-fields.ts',
    'judged through outward-edits.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/hiding/call-id-masking.ts',
    'judged through outward-edits.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/hiding/contact-hiding.ts',
    'judged through outward-edits.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/hiding/hidden-headers.ts',
    'judged through outward-edits.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/hiding/inward-edits.ts',
    'judged through outward-edits.test.ts and dialog.test.ts',
  ],
  [
    'app-gateway/src/domain/hiding/uri-headers.ts',
    'judged through outward-edits.test.ts and dialog.test.ts',
  ],
  ['app-gateway/src/domain/exchange/accepted-trust.ts', 'judged through retire-trust.test.ts'],
  ['app-gateway/src/domain/exchange/activate-presentation.ts', 'judged in record-offer.test.ts'],
  [
    'app-gateway/src/domain/exchange/activate-trust.ts',
    'judged in trust-step.test.ts, every state and step',
  ],
  [
    'app-gateway/src/domain/exchange/actor.ts',
    'judged through add-operator.test.ts and trust-step.test.ts',
  ],
  ['app-gateway/src/domain/exchange/change-partner.ts', 'judged in add-partner.test.ts'],
  ['app-gateway/src/domain/exchange/disable-operator.ts', 'judged in add-operator.test.ts'],
  ['app-gateway/src/domain/exchange/identity-keys.ts', 'judged in activate-key.test.ts'],
  ['app-gateway/src/domain/exchange/install-certificate.ts', 'judged in add-requested-key.test.ts'],
  ['app-gateway/src/domain/exchange/latest-use.ts', 'judged through retire-trust.test.ts'],
  ['app-gateway/src/domain/exchange/note-certificate-issued.ts', 'judged in approve-node.test.ts'],
  ['app-gateway/src/domain/exchange/note-presented.ts', 'judged in record-offer.test.ts'],
  [
    'app-gateway/src/domain/exchange/note-seen.ts',
    'judged in trust-step.test.ts, every state and step',
  ],
  ['app-gateway/src/domain/exchange/operator-record.ts', 'judged in signed-command.test.ts'],
  ['app-gateway/src/domain/exchange/presented-key.ts', 'judged in record-offer.test.ts'],
  ['app-gateway/src/domain/exchange/refusal-texts.ts', 'judged in exchange-refusal.test.ts'],
  [
    'app-gateway/src/domain/exchange/reject-trust.ts',
    'judged in trust-step.test.ts, every state and step',
  ],
  ['app-gateway/src/domain/exchange/remove-partner.ts', 'judged in add-partner.test.ts'],
  ['app-gateway/src/domain/exchange/restore-partner.ts', 'judged in add-partner.test.ts'],
  ['app-gateway/src/domain/exchange/retire-key.ts', 'judged in activate-key.test.ts'],
  ['app-gateway/src/domain/exchange/revoke-node.ts', 'judged in approve-node.test.ts'],
  ['app-gateway/src/domain/exchange/sever-partner.ts', 'judged in add-partner.test.ts'],
  [
    'app-gateway/src/domain/exchange/short-name.ts',
    'judged through add-operator.test.ts and approve-node.test.ts',
  ],
  ['app-gateway/src/domain/exchange/signed-file.ts', 'judged in signed-command.test.ts'],
  [
    'app-gateway/src/domain/exchange/stage-trust.ts',
    'judged in trust-step.test.ts, every state and step',
  ],
  ['app-gateway/src/domain/exchange/trust-difference.ts', 'judged through receive-trust.test.ts'],
  ['app-gateway/src/domain/exchange/client-auth-sunset.ts', 'judged in forecast.test.ts'],
  ['app-gateway/src/domain/exchange/explain-inbound.ts', 'judged in explain.test.ts'],
  ['app-gateway/src/domain/exchange/explain-outbound.ts', 'judged in explain.test.ts'],
  ['app-gateway/src/domain/exchange/explain-path.ts', 'judged in explain.test.ts'],
  ['app-gateway/src/domain/exchange/explained-check.ts', 'judged in explain.test.ts'],
  ['app-gateway/src/domain/exchange/forecast-algorithms.ts', 'judged in forecast.test.ts'],
  ['app-gateway/src/domain/exchange/forecast-keys.ts', 'judged in forecast.test.ts'],
  ['app-gateway/src/domain/exchange/forecast-trust.ts', 'judged in forecast.test.ts'],
  ['app-gateway/src/domain/exchange/foresight.ts', 'judged in forecast.test.ts'],
  ['app-gateway/src/domain/routing/inbound-route.ts', 'judged through proxy-core.test.ts'],
  ['app-gateway/src/domain/routing/outbound-route.ts', 'judged through proxy-core.test.ts'],
  ['app-gateway/src/domain/routing/refusal.ts', 'judged through proxy-core.test.ts'],
  ['app-gateway/src/channel-certificates.ts', 'composition; the integration tests run it'],
  ['app-gateway/src/channel-plan.ts', 'composition; the integration tests run it'],
  ['app-gateway/src/commands/issuing-authority.ts', 'judged through certificate-desk.test.ts'],
  ['app-gateway/src/commands/node-approve.ts', 'judged in node-commands.test.ts'],
  ['app-gateway/src/commands/node-list.ts', 'judged in node-commands.test.ts'],
  ['app-gateway/src/commands/node-revoke.ts', 'judged in node-commands.test.ts'],
  ['app-gateway/src/domain/exchange/site-node.ts', 'judged through certificate-desk.test.ts'],
  ['app-gateway/src/cli/bundle-identity.ts', 'judged through node-request.test.ts'],
  ['app-gateway/src/cli/node-install.ts', 'judged in node-request.test.ts'],
  ['dmz-proxy/src/channel-credentials.ts', 'judged in certificate-renewal.test.ts'],
  ['shared/src/result.ts', 'two constructors that every other test uses'],
  ['app-gateway/src/main.ts', 'composition root; the integration tests run it'],
  ['dmz-proxy/src/main.ts', 'composition root; the integration tests run it'],
  ['dmz-proxy/src/worker.ts', 'composition root; the integration tests run it'],
  ['app-gateway/src/config/partner-schema.ts', 'judged with line numbers in parse-site.test.ts'],
  ['app-gateway/src/config/named-files.ts', 'judged in assemble-site.test.ts'],
  ['app-gateway/src/config/check-anchors.ts', 'judged through check-certificates.test.ts'],
  ['app-gateway/src/config/check-own-certificate.ts', 'judged through check-certificates.test.ts'],
  ['app-gateway/src/adapters/files/site-folder.ts', 'judged through file-site-source.test.ts'],
  ['app-gateway/src/adapters/files/import-partner.ts', 'judged through import-difference.test.ts'],
  ['app-gateway/src/adapters/files/import-identity.ts', 'judged through import-difference.test.ts'],
  [
    'app-gateway/src/adapters/files/record-difference.ts',
    'judged through import-difference.test.ts',
  ],
  ['app-gateway/src/config/format-partner-file.ts', 'judged through export-files.test.ts'],
  ['app-gateway/src/config/database-schema.ts', 'judged through check-database.test.ts'],
  ['app-gateway/src/config/siem-schema.ts', 'judged through check-siem.test.ts'],
  ['app-gateway/src/adapters/database/join-state.ts', 'judged through state-site-source.test.ts'],
  ['app-gateway/src/adapters/database/open-state-store.ts', 'the integration tests run it'],
  [
    'app-gateway/src/adapters/database/migrations/0001-exchange.ts',
    'judged by the contract in sql-state-store.test.ts',
  ],
  [
    'app-gateway/src/adapters/database/migrations/0002-ledger.ts',
    'judged by the ledger store contract',
  ],
  [
    'app-gateway/src/adapters/database/migrations/0003-feeds.ts',
    'judged through sql-feed-cursors.test.ts',
  ],
  ['app-gateway/src/adapters/database/migrations/0004-bodies.ts', 'see sql-body-store.test.ts'],
  [
    'app-gateway/src/adapters/database/present.ts',
    'judged by the contract in sql-state-store.test.ts',
  ],
  [
    'app-gateway/src/adapters/database/read-state.ts',
    'judged by the contract in sql-state-store.test.ts',
  ],
  [
    'app-gateway/src/adapters/database/write-change.ts',
    'judged by the contract in sql-state-store.test.ts',
  ],
  [
    'app-gateway/src/adapters/database/postgres-database.ts',
    'judged with a real server in test/peers/state-on-postgresql.test.ts',
  ],
  [
    'app-gateway/src/adapters/database/revision-listener.ts',
    'judged with a real server in test/peers/state-on-postgresql.test.ts',
  ],
  ['app-gateway/src/open-site.ts', 'composition; the integration tests run it'],
  ['app-gateway/src/cli/check-command.ts', 'judged through main.test.ts'],
  ['app-gateway/src/cli/outcome.ts', 'judged through main.test.ts'],
  ['app-gateway/src/cli/problems-outcome.ts', 'judged through main.test.ts'],
  ['app-gateway/src/cli/run-command.ts', 'judged through main.test.ts and the integration tests'],
  ['app-gateway/src/cli/plan-site.ts', 'judged through init-command.test.ts'],
  ['app-gateway/src/cli/planned-file.ts', 'judged through init-command.test.ts'],
  ['app-gateway/src/cli/site-secrets.ts', 'judged through init-command.test.ts'],
  ['app-gateway/src/cli/site-template.ts', 'judged through init-command.test.ts'],
  ['app-gateway/src/cli/plan-bundle.ts', 'judged through bundle-command.test.ts'],
  ['app-gateway/src/cli/write-bundles.ts', 'judged through bundle-command.test.ts'],
  ['shared/src/x509/der-writer.ts', 'judged through the files that openssl opens'],
  ['dmz-proxy/src/probe/judge-peer.ts', 'judged over real TLS in probe-target.test.ts'],
  ['dmz-proxy/src/probe/open-connection.ts', 'judged over real TLS in probe-target.test.ts'],
  ['dmz-proxy/src/probe/options-exchange.ts', 'judged over real TLS in probe-target.test.ts'],
  ['dmz-proxy/src/probe/step-list.ts', 'judged through probe-target.test.ts'],
  ['certs/src/certificate-problems.ts', 'judged through trust-problems.test.ts'],
  ['certs/src/file-fault.ts', 'judged through received-file.test.ts'],
  ['certs/src/file-encryption.ts', 'judged through received-file.test.ts'],
  ['certs/src/pkcs7-reader.ts', 'judged through received-file.test.ts'],
  ['certs/src/pkcs12-reader.ts', 'judged through received-file.test.ts'],
  ['certs/src/offer-document.ts', 'judged through offer.test.ts'],
  ['app-gateway/src/adapters/admin/carry-out.ts', 'judged through admin-server.test.ts'],
  [
    'app-gateway/src/adapters/channel/live-flow.ts',
    'judged by the integration tests of the exchange',
  ],
  ['app-gateway/src/adapters/files/site-files.ts', 'judged through commands/state-import.test.ts'],
  ['app-gateway/src/cli/admin-client.ts', 'judged by exchange-by-command-line.test.ts'],
  ['app-gateway/src/cli/cert-self-command.ts', 'judged by exchange-by-command-line.test.ts'],
  ['app-gateway/src/cli/command-groups.ts', 'judged through manual-pages.test.ts'],
  ['app-gateway/src/cli/command-options.ts', 'judged through manual-pages.test.ts'],
  ['app-gateway/src/cli/local-commands.ts', 'judged through manual-pages.test.ts'],
  ['app-gateway/src/cli/manual.ts', 'writes what manual-pages.test.ts judges'],
  ['app-gateway/src/cli/new-operator-key.ts', 'judged by exchange-by-command-line.test.ts'],
  ['app-gateway/src/cli/remote-command.ts', 'judged by exchange-by-command-line.test.ts'],
  ['app-gateway/src/cli/remote-commands.ts', 'judged by exchange-by-command-line.test.ts'],
  ['app-gateway/src/cli/signed-request.ts', 'judged by exchange-by-command-line.test.ts'],
  [
    'app-gateway/src/commands/admin-protocol.ts',
    'two numbers that admin-server.test.ts judges from both sides',
  ],
  ['app-gateway/src/commands/all-commands.ts', 'a list; manual-pages.test.ts walks it'],
  ['app-gateway/src/commands/cert-activate.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/cert-install.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/cert-list.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/cert-request.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/cert-retire.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/events-list.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/identity-view.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/operator-add.ts', 'judged through admin-server.test.ts'],
  ['app-gateway/src/commands/operator-disable.ts', 'judged through admin-server.test.ts'],
  ['app-gateway/src/commands/operator-list.ts', 'judged through admin-server.test.ts'],
  ['app-gateway/src/commands/operator-view.ts', 'judged through admin-server.test.ts'],
  ['app-gateway/src/commands/parameter-schema.ts', 'judged through admin-server.test.ts'],
  ['app-gateway/src/commands/partner-activate.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-add.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/check-advice.ts', 'judged through partner-check.test.ts'],
  ['app-gateway/src/commands/partner-change.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-explain.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-forecast.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-list.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-offer.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-receive.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-reject.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-remove.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-restore.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-retire.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-settings.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-sever.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-show.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-stage.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-step.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-verify.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/partner-view.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/received-keys.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/state-export.ts', 'judged in state-import.test.ts'],
  ['app-gateway/src/commands/step-answer.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/commands/step-parameters.ts', 'judged in partner-exchange.test.ts'],
  ['app-gateway/src/channel-plan.ts', 'judged by the integration tests of the pair'],
  ['app-gateway/src/inner-settings.ts', 'judged by the integration tests of the gateway'],
  ['app-gateway/src/open-admin.ts', 'composition; exchange-by-command-line.test.ts runs it'],
  ['app-gateway/src/running-gateway.ts', 'judged by exchange-by-command-line.test.ts'],
  [
    'app-gateway/src/state-attendance.ts',
    'composition of what expiry-watch and sighting-recorder are judged for',
  ],
  ['app-gateway/src/commands/audit-keys.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/commands/audit-ledger.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/commands/audit-proof.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/commands/audit-report.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/commands/audit-show.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/commands/audit-stats.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/ledger/checkpoint-text.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/ledger/ledger-hashes.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/ledger/ledger-statistics.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/ledger/partner-report.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/ledger/provable-checkpoint.ts', 'judged in audit-commands.test.ts'],
  ['app-gateway/src/ledger/export-pages.ts', 'judged in audit-export.test.ts'],
  ['app-gateway/src/ledger/index-range.ts', 'judged in audit-export.test.ts'],
  ['app-gateway/src/ledger/pack-pages.ts', 'judged by the verifier in verification.test.ts'],
  ['app-gateway/src/ledger/render/csv-row.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/entry-csv.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/entry-json.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/entry-line.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/field-text.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/json-line.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/ladder-svg.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/markup-text.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/report-html.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/report-text.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/sip-clf.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/time-text.ts', 'judged in renderings.test.ts'],
  ['app-gateway/src/ledger/render/ladder-text.ts', 'judged in ladder.test.ts'],
  ['app-gateway/src/ledger/verify/checkpoint-check.ts', 'judged in checkpoint-findings.test.ts'],
  ['app-gateway/src/ledger/verify/known-checkpoint.ts', 'judged in checkpoint-findings.test.ts'],
  ['app-gateway/src/ledger/verify/finding.ts', 'judged in verification.test.ts'],
  ['app-gateway/src/ledger/verify/misplaced-records.ts', 'judged in verification.test.ts'],
  ['app-gateway/src/ledger/verify/site-claims.ts', 'judged in verification.test.ts'],
  ['app-gateway/src/ledger/verify/tree-check.ts', 'judged in verification.test.ts'],
  ['app-gateway/src/ledger/verify/stream-check.ts', 'judged in stream-findings.test.ts'],
  ['app-gateway/src/ledger/verify/stream-run.ts', 'judged in stream-findings.test.ts'],
  ['app-gateway/src/ledger/verify/ledger-keys.ts', 'judged in pack-reader.test.ts'],
  ['app-gateway/src/ledger/verify/pack-format.ts', 'judged in pack-reader.test.ts'],
  ['app-gateway/src/ledger/verify/pack-writer.ts', 'judged in pack-reader.test.ts'],
  ['app-gateway/src/ledger/verify/verify-text.ts', 'judged in audit-verify-command.test.ts'],
]);

const WORKSPACES = ['shared', 'certs', 'dmz-proxy', 'app-gateway'];

/** Only types: nothing in it can run. */
function isPureTypes({ path, text }: SourceFile): boolean {
  if (path.endsWith('.d.ts')) return true;
  return !/^\s*(?:export\s+)?(?:async\s+)?(?:function|const|let|var|class)\b/m.test(
    codeAlone(text),
  );
}

function testOf(path: string): string {
  return `test/${path.replace('/src/', '/').replace(/\.ts$/, '.test.ts')}`;
}

describe('tests mirror the sources', () => {
  for (const workspace of WORKSPACES) {
    it(`${workspace}: every file that can run has its test, or a reason`, () => {
      const missing = sourceFiles(`${workspace}/src`)
        .filter((file) => !isPureTypes(file) && !WITHOUT_TEST.has(file.path))
        .map(({ path }) => testOf(path))
        .filter((path) => !existsSync(join(ROOT, path)));
      assert.deepEqual(missing, []);
    });
  }

  it('has no reason for a file that is gone or has its test', () => {
    const stale = [...WITHOUT_TEST.keys()].filter(
      (path) => !existsSync(join(ROOT, path)) || existsSync(join(ROOT, testOf(path))),
    );
    assert.deepEqual(stale, []);
  });

  it('sees a file that can run, and one that cannot', () => {
    const isTypes = (text: string) => isPureTypes({ path: 'x.ts', text });
    assert.equal(isTypes('export function f(): void {}'), false);
    assert.equal(isTypes('export const x = 1;'), false);
    assert.equal(isTypes('class Hidden {}'), false);
    assert.equal(
      isTypes("import type { A } from './a.ts';\n// const x\nexport interface B extends A {}"),
      true,
    );
  });
});

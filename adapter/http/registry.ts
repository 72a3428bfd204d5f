import { TraceError } from '../domain/error.ts';
import { isRole } from './roles.ts';
import type { Route } from './route.ts';
import { closeFinding } from './routes/close-finding.ts';
import { getEvent } from './routes/get-event.ts';
import { getCode } from './routes/get-code.ts';
import { getHealth } from './routes/get-health.ts';
import { getMetrics } from './routes/get-metrics.ts';
import { getOpenApi } from './routes/get-openapi.ts';
import { getQuarantinedRecord } from './routes/get-quarantined-record.ts';
import { getReceipt } from './routes/get-receipt.ts';
import { getReadiness } from './routes/get-readiness.ts';
import { getReconciliation } from './routes/get-reconciliation.ts';
import { getSummary } from './routes/get-summary.ts';
import { getTraceCount } from './routes/get-trace-count.ts';
import { listDeliveries } from './routes/list-deliveries.ts';
import { listDiscrepanciesPage } from './routes/list-discrepancies.ts';
import { listDestinations } from './routes/list-destinations.ts';
import { listEmergencies } from './routes/list-emergencies.ts';
import { listEpcisEvents } from './routes/list-epcis-events.ts';
import { listDrift } from './routes/list-drift.ts';
import { listEvents } from './routes/list-events.ts';
import { listFindings } from './routes/list-findings.ts';
import { listQuarantine } from './routes/list-quarantine.ts';
import { moveDiscrepanciesRoute } from './routes/move-discrepancies.ts';
import { pauseDestination } from './routes/pause-destination.ts';
import { releaseDrift } from './routes/release-drift.ts';
import { resendDeliveries } from './routes/resend-deliveries.ts';
import { resumeDestination } from './routes/resume-destination.ts';
import { retryQuarantine } from './routes/retry-quarantine.ts';
import { settlementTraceNode } from './routes/settlement-trace-node.ts';
import { getRecallReport } from './routes/get-recall-report.ts';
import { importRecalls } from './routes/import-recalls.ts';
import { listRecalls } from './routes/list-recalls.ts';
import { listSplitStock } from './routes/list-split-stock.ts';
import { moveRecall } from './routes/move-recall.ts';
import { scanBatch } from './routes/scan-batch.ts';
import { scan } from './routes/scan.ts';
import { soapHisAsmxWsdl, soapHisWsdl } from './routes/soap-his-wsdl.ts';
import { soapHis, soapHisAsmx } from './routes/soap-his.ts';
import { submitUpstreamBill } from './routes/submit-upstream-bill.ts';
import { submitEvents } from './routes/submit-events.ts';

/** Every HTTP operation of the product. A route that is not here does not exist. */
export const ROUTES: readonly Route[] = [
  submitEvents, listEvents, listEpcisEvents, getEvent, getCode, listDeliveries, resendDeliveries, listQuarantine, getQuarantinedRecord, retryQuarantine,
  listDestinations, pauseDestination, resumeDestination, getSummary, getTraceCount, settlementTraceNode, getReconciliation, listDrift, releaseDrift, soapHis, soapHisWsdl, soapHisAsmx, soapHisAsmxWsdl,
  listEmergencies, listFindings, closeFinding,
  scan, scanBatch, listSplitStock, listRecalls, importRecalls, moveRecall, getRecallReport,
  getReceipt, submitUpstreamBill, listDiscrepanciesPage, moveDiscrepanciesRoute,
  getMetrics, getHealth, getReadiness, getOpenApi,
];

/** The only paths that answer without a token (contract section 5). */
const OPEN_PATHS: readonly string[] = ['/healthz', '/readyz'];

/**
 * Default deny: refuses to start with a route that names no role, or that would let anyone in where the contract does not.
 * @throws TraceError INTERNAL naming the routes
 */
export function checkRoutes(routes: readonly Route[]): void {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const route of routes) {
    const roles: unknown = route.roles;
    const named = `${route.method} ${route.path}`;
    if (roles === 'anyone') {
      if (!OPEN_PATHS.includes(route.path)) faults.push(`${named} is open to anyone`);
    } else if (!Array.isArray(roles) || roles.length === 0 || !roles.every((role) => typeof role === 'string' && isRole(role))) {
      faults.push(`${named} names no role`);
    }
    if (seen.has(named)) faults.push(`${named} is declared twice`);
    seen.add(named);
  }
  if (faults.length > 0) throw new TraceError('INTERNAL', faults.join('; '));
}

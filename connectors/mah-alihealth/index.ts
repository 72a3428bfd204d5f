import { setMaxListeners } from 'node:events';
import { TraceError } from '../../adapter/domain/error.ts';
import type { Destination, DestinationConnector, DestinationDeps, PlannedReport } from '../../adapter/ports/destination.ts';
import { shareBudget } from '../shared/budget/shared-budgets.ts';
import { createHttpClient } from '../shared/http.ts';
import { askBill } from './ask.ts';
import { BillMemory } from './bill-memory.ts';
import { problemsOfBillTypes } from './bill-types.ts';
import { createGateway } from './gateway.ts';
import { MethodGrants } from './method-grants.ts';
import { planEvent } from './plan.ts';
import { planReversal } from './plan-reversal.ts';
import { probeAccount } from './probe.ts';
import { reviseReport } from './revise-report.ts';
import { sendBill } from './send.ts';
import { settings as table, type MahSettings } from './settings.ts';
import { createUpstreamAccess } from './upstream/access.ts';

/** Hospital pack of 码上放心 on the TOP gateway (mah.md 2–6, Annex A). */
export const mahAlihealth: DestinationConnector = {
  name: 'mah-alihealth',
  side: 'holder',
  settings: table,
  create: (deps: DestinationDeps<MahSettings>): Destination => createDestination(deps),
};

function createDestination(deps: DestinationDeps<MahSettings>): Destination {
  const { name, settings, clock, counters, institutions, log } = deps;
  const problems = problemsOfBillTypes(settings.billTypes);
  if (problems.length > 0) throw new TraceError('CONFIG_INVALID', problems.join('；'));
  const http = createHttpClient({ baseUrl: settings.gateway, connectTimeoutMs: settings.connectTimeout, connections: settings.concurrency * 2, maxReplyBytes: settings.maxReplyBytes });
  const shared = shareBudget({ address: settings.gateway, account: settings.appKey }, {
    clock, sharedBy: settings.rate.sharedBy ?? 1,
    rates: { lanes: { upload: settings.rate.uploadsPerSecond, query: settings.rate.queriesPerSecond }, total: settings.rate.callsPerSecond },
  });
  const grants = new MethodGrants({ clock, counters, institution: institutions[0]?.code ?? '', account: `${new URL(settings.gateway).host}:${settings.appKey}` });
  const gateway = createGateway({
    settings, http, budget: shared.budget, clock, grants,
    note: (method, result) => {
      deps.count('his_trace_mah_calls_total', { destination: name, method, result });
      if (result !== 'ok' && result !== 'refused') log.warn('mah gateway call failed', { destination: name, method, result });
    },
  });
  const memory = new BillMemory({ counters, clock, name });
  const sending = { settings, gateway, memory, partners: { name, settings, institutions, gateway, counters, clock } };
  const asking = { settings, gateway, memory, clock };
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // one for each call under way

  const destination: Destination & { reviseReport(plan: PlannedReport, revision: number): PlannedReport } = {
    name,
    regime: 'mah',
    limits: { batch: 1, concurrency: settings.concurrency },
    plan: (reported) => planEvent(reported, settings),
    planReversal: (original, by) => planReversal(original, by, settings),
    reviseReport: (plan, revision) => reviseReport(plan, revision, settings),
    send: (reports, { signal }) => whileRunning([signal, stopping.signal], (either) => Promise.all(reports.map((report) => sendBill(report, sending, either)))),
    ask: (reports, { signal }) => whileRunning([signal, stopping.signal], (either) => Promise.all(reports.map((report) => askBill(report, asking, either)))),
    upstream: createUpstreamAccess({ gateway, grants, clock, windowDays: settings.statusDays, stopping: stopping.signal }),
    async stop() {
      stopping.abort();
      await http.close();
      shared.release();
    },
    probe: () => probeAccount({ name, gateway, grants, institutions, clock, signal: stopping.signal }),
  };
  return destination;
}

/** Gives the work a signal that follows all of the given ones, and lets go of them when it has ended (they live long). */
async function whileRunning<T>(signals: readonly AbortSignal[], work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = (): void => { own.abort(); };
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  }
  try {
    return await work(own.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  }
}

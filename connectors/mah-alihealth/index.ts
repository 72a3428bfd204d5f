import { setMaxListeners } from 'node:events';
import { TraceError } from '../../adapter/domain/error.ts';
import type { Destination, DestinationConnector, DestinationDeps } from '../../adapter/ports/destination.ts';
import { createHttpClient } from '../shared/http.ts';
import { askBill } from './ask.ts';
import { BillMemory } from './bill-memory.ts';
import { problemsOfBillTypes } from './bill-types.ts';
import { shareBudget } from './budget.ts';
import { createGateway } from './gateway.ts';
import { planEvent } from './plan.ts';
import { planReversal } from './plan-reversal.ts';
import { probeAccount } from './probe.ts';
import { sendBill } from './send.ts';
import { settings as table, type MahSettings } from './settings.ts';

/** Hospital pack of 码上放心 on the TOP gateway (mah.md 2–6, Annex A). */
export const mahAlihealth: DestinationConnector = {
  name: 'mah-alihealth',
  settings: table,
  create: (deps: DestinationDeps<MahSettings>): Destination => createDestination(deps),
};

function createDestination(deps: DestinationDeps<MahSettings>): Destination {
  const { name, settings, clock, counters, institutions, log } = deps;
  const problems = problemsOfBillTypes(settings.billTypes);
  if (problems.length > 0) throw new TraceError('CONFIG_INVALID', problems.join('；'));
  const http = createHttpClient({ baseUrl: settings.gateway, connectTimeoutMs: settings.connectTimeout, connections: settings.concurrency * 2, maxReplyBytes: settings.maxReplyBytes });
  const shared = shareBudget(settings, clock, { upload: settings.rate.uploadsPerSecond, query: settings.rate.queriesPerSecond });
  const gateway = createGateway({
    settings, http, budget: shared.budget, clock,
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

  return {
    name,
    limits: { batch: 1, concurrency: settings.concurrency },
    plan: (reported) => planEvent(reported, settings),
    planReversal: (original, by) => planReversal(original, by, settings),
    send: (reports, { signal }) => whileRunning([signal, stopping.signal], (either) => Promise.all(reports.map((report) => sendBill(report, sending, either)))),
    ask: (reports, { signal }) => whileRunning([signal, stopping.signal], (either) => Promise.all(reports.map((report) => askBill(report, asking, either)))),
    async stop() {
      stopping.abort();
      await http.close();
      shared.release();
    },
    probe: () => probeAccount({ name, gateway, institutions, clock, signal: stopping.signal }),
  };
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

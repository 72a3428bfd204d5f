import { setTimeout as delay } from 'node:timers/promises';
import { chinaIso } from '../../adapter/domain/china-time.ts';
import type { Destination, Report, ReportedEvent } from '../../adapter/ports/destination.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import { mahAlihealth } from '../../connectors/mah-alihealth/index.ts';
import { SANDBOX_SUPPLIERS } from '../../plugins/sandbox/index.ts';
import { codeOf, lineCode, mahSettings, MemoryCounters, reported, reportLine, reportOf } from '../connectors/mah-alihealth/fixtures.ts';
import { SandboxProcess } from './sandbox-process.ts';

const LIMIT = 3;
const SECONDS = 50;
const URGENT_EVERY_MS = 1_000;
const BATCH_WORKERS = 3;

/**
 * Two destinations on one app key, one for the window (dispenses, one a second) and one that drains a batch of receipts as fast as it
 * may, against a gateway that takes 3 calls a second and bans for a second whoever makes a fourth. Real time. Prints one JSON object.
 */
export async function benchBudget(): Promise<void> {
  const sandbox = await SandboxProcess.start({ faults: { rules: [{ effect: 'slow', ms: 50 }] }, mah: { limit: { callsPerSecond: LIMIT, banMs: 1_000 }, processing: { uploadedMs: 0, doneMs: 0 } } });
  const { mah } = sandbox.platforms;
  const hospital: Institution = { code: 'H35010200001', name: '示范医院', region: '350102', mah: { entId: mah.entId, refEntId: mah.refEntId } };
  const destinationOf = (name: string): Destination => mahAlihealth.create({
    name, institutions: [hospital], clock: systemClock, log: silentLog, counters: new MemoryCounters(), count: () => undefined,
    settings: mahSettings({
      gateway: mah.url, appKey: mah.appKey, appSecret: mah.appSecret, rate: { uploadsPerSecond: LIMIT, queriesPerSecond: LIMIT, callsPerSecond: LIMIT },
      partners: SANDBOX_SUPPLIERS.map((each) => ({ name: each.name, entId: each.entId, refEntId: each.refEntId })),
    }),
  });
  const [window, batch] = [destinationOf('window'), destinationOf('night-batch')];
  try {
    const from = Date.now();
    const until = from + SECONDS * 1_000;
    const [urgent, drained] = await Promise.all([tellUrgent(window, hospital, until), drainBatch(batch, hospital, until)]);
    const seconds = (Date.now() - from) / 1_000;
    const counts = await sandbox.counts();
    const sorted = [...urgent].sort((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    const [p95Ms, callsPerSecond] = [at(0.95), Number((counts.mah.calls / seconds).toFixed(2))];
    process.stdout.write(`${JSON.stringify({
      bench: 'budget', limitPerSecond: LIMIT, seconds: Math.round(seconds),
      urgent: { bills: urgent.length, p50Ms: at(0.5), p95Ms, maxMs: at(1) }, batch: { bills: drained }, calls: counts.mah.calls, callsPerSecond, shareOfLimit: Number((callsPerSecond / LIMIT).toFixed(3)),
      throttled: counts.throttled, met: counts.throttled === 0 && p95Ms < 2_000,
    }, undefined, 2)}\n`);
  } finally {
    await window.stop();
    await batch.stop();
    await sandbox.stop();
  }
}

/** @returns milliseconds of each upload from the moment the window had it */
async function tellUrgent(destination: Destination, hospital: Institution, until: number): Promise<number[]> {
  const took: number[] = [];
  const under: Promise<void>[] = [];
  for (let at = 0; Date.now() < until; at += 1) {
    const report = reportFor(destination, hospital, { id: `D${String(at)}`, kind: 'dispense' }, at);
    const from = performance.now();
    under.push(deliver(destination, report, () => { took.push(performance.now() - from); }));
    await delay(URGENT_EVERY_MS);
  }
  await Promise.all(under);
  return took;
}

/** @returns how many bills of the batch came to their end */
async function drainBatch(destination: Destination, hospital: Institution, until: number): Promise<number> {
  let next = 100_000;
  let done = 0;
  await Promise.all(Array.from({ length: BATCH_WORKERS }, async () => {
    while (Date.now() < until) {
      const at = next++;
      await deliver(destination, reportFor(destination, hospital, { id: `R${String(at)}`, kind: 'receipt', documentNo: `RK${String(at)}`, counterparty: { name: SANDBOX_SUPPLIERS[0]?.name ?? '' } }, at), () => undefined);
      done += 1;
    }
  }));
  return done;
}

/** Sends a bill and asks once what became of it, as the delivery does. */
async function deliver(destination: Destination, report: Report, uploaded: () => void): Promise<void> {
  const { signal } = new AbortController();
  const [sent] = await destination.send([report], { signal });
  if (sent?.kind !== 'processing') throw new Error(`the bill was not taken: ${JSON.stringify(sent)}`);
  uploaded();
  const [asked] = await destination.ask([{ ...report, firstSentAt: Date.now() }], { signal });
  if (asked?.kind !== 'settled' || asked.outcome.kind !== 'accepted') throw new Error(`the bill was not settled: ${JSON.stringify(asked)}`);
}

function reportFor(destination: Destination, hospital: Institution, event: Partial<ReportedEvent['event']>, serial: number): Report {
  const of = reported({ occurredAt: chinaIso(Date.now()), ...event }, [reportLine([lineCode(codeOf(serial))])], hospital);
  const [plan] = destination.plan(of);
  if (plan === undefined) throw new Error('nothing planned');
  return reportOf(plan, of);
}

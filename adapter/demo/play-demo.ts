import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../actions.ts';
import { saveDrugs } from '../catalogue/drug-store.ts';
import { readDaySummary } from '../checks/day-summary.ts';
import type { DemoOptions } from '../cli/actions.ts';
import { loadConfig } from '../config/load.ts';
import { chinaDate } from '../domain/china-time.ts';
import { TraceError } from '../domain/error.ts';
import { createToken } from '../http/token.ts';
import { systemClock } from '../ops/system-clock.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { DemoDay, DemoParts, DemoSandbox } from './demo-parts.ts';
import { printDemo, type DemoResult } from './demo-report.ts';
import { freePort } from './free-port.ts';
import { DemoHis } from './his-client.ts';
import { fateOf, type ActualFate } from './line-fates.ts';

const INSTITUTION = 'H35010200001';
const SEED = 20_261_122;
/** what is left of the minute the demonstration may take, after sending */
const SETTLE_MS = 45_000;
const QUIET_MS = 300;

/**
 * Plays one synthetic hospital day against the sandbox platforms, some of whose replies get lost: sends HL7 and REST inputs in
 * order, waits until everything has settled, and compares every line's fate and every platform's book with what must be.
 * @returns 0 when every expected report arrived once and every answer was the right one
 */
export async function playDemo(options: DemoOptions, demo: DemoParts): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-demo-'));
  const sandbox = await demo.startSandbox();
  try {
    const day = demo.demoDay({ seed: SEED, date: chinaDate(systemClock.now()), institution: INSTITUTION });
    const ports = { http: await freePort(), mllp: await freePort() };
    const config = configOf(demo, { folder, ports, day, sandbox });
    const running = await startService({ config, folder, language: options.language, progress: options.progress, terminal: { ...options.terminal, err: () => undefined } }, demo);
    try {
      const result = await play(options, { day, sandbox, ports, driver: running.service.driver });
      printDemo(options, { day, sandbox, result, http: `http://127.0.0.1:${String(ports.http)}` });
      if (options.keep) await keepUp(options, running.service.driver, ports.http);
      return result.faults.length === 0 ? 0 : 1;
    } finally {
      await running.stop();
    }
  } finally {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(demo: DemoParts, what: { readonly folder: string; readonly ports: { readonly http: number; readonly mllp: number }; readonly day: DemoDay; readonly sandbox: DemoSandbox }): Parameters<typeof startService>[0]['config'] {
  const { sandbox, ports, day } = what;
  const text = `role: hospital
institutions:
  - { code: ${INSTITUTION}, name: 示范医院, region: "350102", level: 3, mah: { entId: "${sandbox.mah.entId}", refEntId: "${sandbox.mah.refEntId}" } }
store: { url: "file:${join(what.folder, 'demo.db').replaceAll('\\', '/')}" }
http: { host: 127.0.0.1, port: ${String(ports.http)} }
sources:
  ${day.sources.hl7}: { connector: his-hl7v2, mapping: standard, host: 127.0.0.1, port: ${String(ports.mllp)}, charset: auto }
destinations:
  insurance: { connector: nhsa, transport: rest, baseUrl: "${sandbox.insurance.url}", paasId: "${sandbox.insurance.paasId}", paasToken: "\${NHSA_TOKEN}", operator: { type: "1", code: "001", name: 系统 } }
  mah: { connector: mah-alihealth, gateway: "${sandbox.mah.url}", appKey: "${sandbox.mah.appKey}", appSecret: "\${TOP_SECRET}", rate: { uploadsPerSecond: 100, queriesPerSecond: 200 }, concurrency: 8 }
log: { level: error }
`;
  const loaded = loadConfig(text, { env: { NHSA_TOKEN: sandbox.insurance.paasToken, TOP_SECRET: sandbox.mah.appSecret }, readFile: () => '', parts: demo.parts });
  if (loaded.ok === undefined) throw new TraceError('CONFIG_INVALID', loaded.problems.map((problem) => `${problem.path} ${problem.reason}`).join('; '));
  return loaded.ok;
}

interface Stage { readonly day: DemoDay; readonly sandbox: DemoSandbox; readonly ports: { readonly http: number; readonly mllp: number }; readonly driver: SqlDriver }

async function play(options: DemoOptions, stage: Stage): Promise<DemoResult> {
  const { day, driver, ports } = stage;
  const started = systemClock.now();
  await saveDrugs(driver, INSTITUTION, day.catalogue, started);
  const { token } = await createToken(driver, { institution: '*', name: 'demo', role: 'his', now: started, expiresAt: started + 86_400_000 });
  const his = new DemoHis({ http: `http://127.0.0.1:${String(ports.http)}`, mllpPort: ports.mllp, token });
  const answers: DemoResult['answers'][number][] = [];
  for (const [at, item] of day.items.entries()) {
    const answer = await his.send(item);
    answers.push({ item, answer });
    if (at % 20 === 0) options.progress('send', at, day.items.length);
  }
  his.close();
  const sentMs = systemClock.now() - started;
  await settled(driver, options);
  const fates = await readFates(stage);
  const summary = await readDaySummary(driver, { institution: INSTITUTION, date: day.date, destinations: ['insurance', 'mah'], maxItems: 0 });
  const refused = await driver.read((q) => q.all<{ error_code: string; n: number }>(`SELECT error_code, COUNT(*) AS n FROM record WHERE institution = ? AND state = 'quarantined' GROUP BY error_code ORDER BY error_code`, [INSTITUTION]));
  const attention = await driver.read((q) => q.all<{ destination: string; reason: string | null; detail: string | null; n: number }>(`SELECT destination, reason, MIN(detail) AS detail, COUNT(*) AS n FROM delivery WHERE institution = ? AND state IN ('rejected', 'needs-attention') GROUP BY destination, reason ORDER BY destination, reason`, [INSTITUTION]));
  const asked = await driver.read((q) => q.get<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery_attempt WHERE institution = ? AND act = 'send' AND result = 'unknown'`, [INSTITUTION]));
  // a deletion (3507) names what it deletes, so it leaves no entry of its own in the platform's book
  const sent = await driver.read((q) => q.all<{ destination: string; report_key: string }>(`SELECT destination, report_key FROM delivery WHERE institution = ? AND state IN ('accepted', 'duplicate') AND operation NOT LIKE '3507%'`, [INSTITUTION]));
  const result = { answers, fates, summary, refused, attention, unknownReplies: asked?.n ?? 0, sent, sentMs, totalMs: systemClock.now() - started };
  return { ...result, faults: faultsOf(stage, result) };
}

/** Waits until nothing moves by itself any more. */
async function settled(driver: SqlDriver, options: DemoOptions): Promise<void> {
  const until = systemClock.now() + SETTLE_MS;
  for (;;) {
    const open = await driver.read((q) => q.get<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery WHERE institution = ? AND state IN ('queued', 'claimed', 'sent', 'processing', 'unknown')
      AND NOT EXISTS (SELECT 1 FROM delivery_wait w JOIN delivery p ON p.institution = w.institution AND p.delivery_no = w.waits_for WHERE w.institution = delivery.institution AND w.delivery_no = delivery.delivery_no AND p.state = 'held')`, [INSTITUTION]));
    if ((open?.n ?? 0) === 0 || systemClock.now() > until) return;
    options.progress('settle', open?.n ?? 0);
    await systemClock.sleep(QUIET_MS);
  }
}

async function readFates({ day, driver }: Stage): Promise<DemoResult['fates']> {
  const fates: { line: DemoDay['lines'][number]; insurance: ActualFate; mah: ActualFate }[] = [];
  for (const line of day.lines) fates.push({ line, insurance: await fateOf(driver, INSTITUTION, line, 'insurance'), mah: await fateOf(driver, INSTITUTION, line, 'mah') });
  return fates;
}

function faultsOf({ sandbox }: Stage, result: Omit<DemoResult, 'faults'>): string[] {
  const faults: string[] = [];
  for (const { item, answer } of result.answers) if (answer !== item.expect) faults.push(`${item.eventId} (${item.note}): ${answer} instead of ${item.expect}`);
  for (const { line, insurance, mah } of result.fates) {
    if (insurance !== line.insurance) faults.push(`insurance ${line.kind} ${line.eventId}/${line.lineNo}: ${insurance} instead of ${line.insurance}`);
    if (mah !== line.mah) faults.push(`mah ${line.kind} ${line.eventId}/${line.lineNo}: ${mah} instead of ${line.mah}`);
  }
  if (!result.summary.destinations.every((destination) => destination.complete)) faults.push(`completeness ${result.summary.completeness} %`);
  for (const [name, book] of [['insurance', sandbox.insuranceBook], ['mah', sandbox.mahBook]] as const) {
    for (const key of [...book.doubleKeys, ...book.doubleCodes]) faults.push(`${name} counted twice: ${key}`);
    const there = new Set(book.entries.map((entry) => entry.key));
    for (const row of result.sent) if (row.destination === name && !there.has(row.report_key)) faults.push(`${name} does not have ${row.report_key}`);
  }
  return faults;
}

async function keepUp(options: DemoOptions, driver: SqlDriver, port: number): Promise<void> {
  const now = systemClock.now();
  const { token } = await createToken(driver, { institution: '*', name: 'demo-it', role: 'it', now, expiresAt: now + 86_400_000 });
  const call = `curl -H 'Authorization: Bearer ${token}' http://127.0.0.1:${String(port)}/api/v1/deliveries`;
  options.terminal.out(options.language === 'zh' ? `继续运行：${call}\n按 Ctrl-C 结束\n` : `it stays up: ${call}\nCtrl-C ends it\n`);
  await options.stopped;
}

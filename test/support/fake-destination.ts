import type { AskResult, SendResult } from '../../adapter/domain/outcome.ts';
import { reportKey } from '../../adapter/domain/report-key.ts';
import type { Destination, PlannedReport, Report, ReportedEvent } from '../../adapter/ports/destination.ts';

/** A platform in memory: counts what arrives, and answers by script. */
export class FakeDestination implements Destination {
  limits = { batch: 10, concurrency: 2 };
  /** keys the platform holds, with how often each arrived as new */
  readonly held = new Map<string, number>();
  readonly sent: Report[][] = [];
  readonly asked: Report[][] = [];
  /** decides about each report sent; default: committed and accepted */
  onSend: (report: Report, times: number) => SendResult | Promise<SendResult> = (report) => { this.commit(report); return { kind: 'accepted' }; };
  /** decides about each question; default: what the platform holds */
  onAsk: (report: Report) => AskResult = (report) => (this.held.has(report.key) ? { kind: 'settled', outcome: { kind: 'accepted' } } : { kind: 'absent' });
  /** plans one report per line unless told */
  onPlan: (reported: ReportedEvent) => readonly PlannedReport[] = (reported) => reported.lines.map((line) => ({
    operation: 'sale', key: reportKey('F', [this.name, reported.event.source, reported.event.id, line.line.lineNo]), covers: [line.line.lineNo],
    codes: line.codes.map((code) => code.code), batchKey: 'sale', priority: 0,
    ...(reported.event.patient?.settlementType === 'insured' && reported.event.patient.settlementId === undefined ? { hold: 'settlement' as const } : {}),
  }));

  constructor(readonly name = 'fake') {}

  commit(report: Report): void {
    this.held.set(report.key, (this.held.get(report.key) ?? 0) + 1);
  }

  plan(reported: ReportedEvent): readonly PlannedReport[] {
    return this.onPlan(reported);
  }

  planReversal(original: Pick<Report, 'operation' | 'key' | 'covers' | 'codes' | 'reported'>): PlannedReport {
    return { operation: 'delete', key: reportKey('D', [original.key]), covers: [], codes: original.codes, batchKey: 'delete', priority: 1 };
  }

  async send(reports: readonly Report[]): Promise<readonly SendResult[]> {
    this.sent.push([...reports]);
    return Promise.all(reports.map(async (report) => this.onSend(report, this.sent.flat().filter((one) => one.key === report.key).length)));
  }

  ask(reports: readonly Report[]): Promise<readonly AskResult[]> {
    this.asked.push([...reports]);
    return Promise.resolve(reports.map((report) => this.onAsk(report)));
  }

  stop(): Promise<void> { return Promise.resolve(); }
  probe(): Promise<[]> { return Promise.resolve([]); }
}

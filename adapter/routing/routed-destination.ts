import { reportKey } from '../domain/report-key.ts';
import type { Destination, PlannedReport, ReportedEvent, ReportLine } from '../ports/destination.ts';
import type { OwnerOf } from './product-routes.ts';

/**
 * A trace system that is told only of the products it answers for. Lines of others are filed as not owed to it, naming who
 * is told; lines that nobody answers for need attention at the first system, so that each stands once on the list of work.
 * @param keeper whether this is the system that keeps the lines nobody answers for
 */
export function routed(inner: Destination, options: { readonly ownerOf: OwnerOf; readonly keeper: boolean }): Destination {
  return new Proxy(inner, {
    get: (target, member) => {
      if (member === 'plan') return (reported: ReportedEvent) => planRouted(target, reported, options);
      const value: unknown = Reflect.get(target, member, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

function planRouted(inner: Destination, reported: ReportedEvent, { ownerOf, keeper }: { readonly ownerOf: OwnerOf; readonly keeper: boolean }): readonly PlannedReport[] {
  const own: ReportLine[] = [];
  const elsewhere = new Map<string, string[]>();
  const unknown = new Map<string, string[]>();
  for (const line of reported.lines) {
    const owner = ownerOf(line);
    if (owner.kind === 'unknown') push(unknown, owner.why, line.line.lineNo);
    else if (owner.destination === inner.name) own.push(line);
    else push(elsewhere, owner.destination, line.line.lineNo);
  }
  return [
    ...(own.length === 0 ? [] : inner.plan({ ...reported, lines: own })),
    ...[...elsewhere].map(([name, covers]): PlannedReport => ({ ...nothingSent(inner.name, reported, name, covers), notOwed: `产品由 ${name} 负责` })),
    ...[...unknown].map(([why, covers]): PlannedReport => ({
      ...nothingSent(inner.name, reported, why, covers),
      ...(keeper ? { unsendable: { reason: 'OWNER_UNKNOWN', detail: why } as const } : { notOwed: '产品归属未知，已列入待处理' }),
    })),
  ];
}

function nothingSent(name: string, { event }: ReportedEvent, why: string, covers: readonly string[]): PlannedReport {
  return {
    operation: 'routing', key: reportKey('N', [event.institution, event.source, event.id, name, 'routing', why]), covers, codes: [], batchKey: 'routing', priority: 9,
  };
}

function push(groups: Map<string, string[]>, key: string, lineNo: string): void {
  const group = groups.get(key) ?? [];
  group.push(lineNo);
  groups.set(key, group);
}

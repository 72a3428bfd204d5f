/**
 * Numbered crash points between accepting a record and settling its reports. With HIS_TRACE_CRASH_AT=<point>[:<nth>] the
 * process kills itself with SIGKILL when the point is reached for the nth time, so that the crash campaign can stop it
 * exactly there. Without the variable a point costs one comparison.
 */
export const CRASH_POINTS = [
  'intake.received', 'intake.numbered', 'intake.in-transaction', 'intake.event-written', 'intake.ledger-written', 'intake.deliveries-written',
  'intake.committed', 'intake.quarantined', 'delivery.selected', 'delivery.claimed', 'delivery.before-mark-sent', 'delivery.marked-sent',
  'delivery.before-send', 'delivery.after-send', 'delivery.before-settle', 'delivery.in-settle', 'delivery.settled', 'delivery.before-ask',
  'delivery.after-ask', 'delivery.ask-settled', 'delivery.requeued', 'recovery.started', 'recovery.finished',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

const [armed, nth] = (process.env['HIS_TRACE_CRASH_AT'] ?? '').split(':');
let countdown = Number(nth ?? '1');

export function crashPoint(point: CrashPoint): void {
  if (armed !== point) return;
  countdown -= 1;
  if (countdown <= 0) process.kill(process.pid, 'SIGKILL');
}

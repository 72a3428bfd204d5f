import type { PeerFault, SendResult } from '../../adapter/domain/outcome.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import { accountPassed, accountRefused, isAccountStatus, isAccountText, probesFirst } from './account-refusal.ts';
import { batchesOf } from './batches.ts';
import { faultOf } from './exchange.ts';
import type { CallFault } from './exchange.ts';
import { judge } from './judge.ts';
import type { Verdict } from './judge.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import type { ReadBack } from './read-back.ts';
import type { Reply } from './reply.ts';
import { halve } from './send-run.ts';
import type { Run, SendDeps, Stop } from './send-run.ts';

/**
 * Sends reports: rows that are fit travel in A transactions as far as the limits allow. A refused batch without row details is
 * halved until the bad rows stand alone (section 9); one refused as if by the account is probed first (account-refusal.ts). As soon as the outcome of a call is not known nothing more is sent.
 * @returns one result per report, in order
 */
export async function sendReports(reports: readonly Report[], signal: AbortSignal, deps: SendDeps): Promise<readonly SendResult[]> {
  const run: Run = { deps, signal, results: new Map(), queue: [], withoutBatch: new Set(), stopped: undefined, accountWell: false, probing: false, refusedInARow: 0 };
  const rows = await rowsToSend(run, reports);
  const limits = { rows: Math.min(deps.settings.batch.rows, deps.profile.limits.rows), chars: Math.min(deps.settings.batch.chars, deps.profile.limits.inputChars) };
  const single = (row: Prepared): boolean => deps.settings.batch.form === 'single' || !deps.profile.batchForms.includes(row.infno) || deps.memory.travelsAlone(row.infno, row.key);
  run.queue.push(...batchesOf(rows, limits, single));

  // halving doubles the calls at most: 2n − 1 per batch; a probe is one more
  for (let calls = 0; calls < reports.length * 3 + 3; calls += 1) {
    const batch = run.queue.shift();
    if (batch === undefined) break;
    await sendBatch(run, batch);
  }
  return reports.map((_, index) => run.results.get(index) ?? { kind: 'unavailable', ...(run.stopped ?? { reason: 'SERVICE_DOWN' }) });
}

/** Rows fit to be sent; the others have their result. */
async function rowsToSend(run: Run, reports: readonly Report[]): Promise<readonly Prepared[]> {
  const { deps } = run;
  const rows: Prepared[] = [];
  for (const [index, report] of reports.entries()) {
    const prepared = prepare(report, index, { spec: deps.spec, profile: deps.profile, settings: deps.settings, now: deps.clock.now() });
    const known = 'kind' in prepared ? prepared : deps.memory.wasBusy(report.key) ? await alreadyThere(run, prepared) : undefined;
    if (known !== undefined) run.results.set(index, known);
    else if (!('kind' in prepared)) rows.push(prepared);
  }
  return rows;
}

/** "Busy" is a refusal, not a proof: before such a row goes out again its key is looked for. */
async function alreadyThere(run: Run, row: Prepared): Promise<SendResult | undefined> {
  if (run.stopped !== undefined) return { kind: 'unavailable', ...run.stopped };
  const asked = await run.deps.readBack(row.report, run.signal);
  if (asked.kind === 'absent') return undefined;
  if (asked.kind === 'settled') {
    run.deps.memory.settled(row.report.key, row.key);
    return asked.outcome;
  }
  run.stopped = asked.kind === 'no-answer' ? stopAfter({ ...asked, kind: 'unavailable' }) : { reason: 'CANNOT_ASK' };
  return { kind: 'unavailable', ...run.stopped };
}

async function sendBatch(run: Run, batch: readonly Prepared[]): Promise<void> {
  const first = batch[0];
  if (first === undefined) return;
  if (run.signal.aborted) run.stopped ??= { reason: 'SERVICE_DOWN', peerText: '正在停止，未发送' };
  if (run.stopped !== undefined) {
    for (const row of batch) run.results.set(row.index, { kind: 'unavailable', ...run.stopped });
    return;
  }
  if (probesFirst(run, batch)) return;
  const { deps } = run;
  const transaction = deps.spec.transaction(batch.length === 1 ? first.infno : `${first.infno}A`);
  const input = { [transaction.node]: transaction.rows === 'many' ? batch.map((row) => row.row) : first.row };
  const answer = await deps.session.call({ infno: transaction.infno, institution: first.institution, insuredArea: first.insuredArea, input, signal: run.signal });
  if (answer.kind !== 'reply') {
    await callFailed(run, batch, answer);
    return;
  }
  if (batch.length === 1 && run.withoutBatch.has(first.infno)) deps.memory.noBatchForm(first.infno);
  const judgement = judge(transaction, answer.reply, batch.map((row) => row.key));
  if (judgement.kind === 'whole') {
    await settleWhole(run, batch, { verdict: judgement.verdict, reply: answer.reply });
    return;
  }
  const passed = batch.find((_, at) => judgement.verdicts[at]?.kind === 'accepted');
  if (passed !== undefined) accountPassed(run, passed);
  for (const [at, row] of batch.entries()) {
    const verdict = judgement.verdicts[at];
    if (verdict !== undefined) await settleRow(run, row, { verdict, reply: answer.reply });
  }
}

async function callFailed(run: Run, batch: readonly Prepared[], answer: CallFault): Promise<void> {
  if (isAccountStatus(answer)) {
    await accountRefused(run, batch, faultOf(answer));
    return;
  }
  const first = batch[0];
  // 404 on the path of an A form (section 2: those paths were not seen) proves nothing was done: go on row by row
  if (first !== undefined && batch.length > 1 && answer.kind === 'unavailable' && answer.reason === 'CONFIGURATION' && answer.signIn !== true) {
    run.withoutBatch.add(first.infno);
    run.deps.log.warn('nhsa batch form not found, rows are sent one by one', { infno: `${first.infno}A`, status: answer.peerCode });
    run.queue.unshift(...batch.map((row) => [row]));
    return;
  }
  for (const row of batch) run.results.set(row.index, resultOf(answer));
  if (answer.kind === 'unknown') {
    run.deps.memory.outcomeUnknown(batch.map((row) => row.report.key), run.deps.clock.now());
    if (batch.length > 1) run.deps.memory.suspect(batch.map((row) => row.key));
  }
  run.stopped = stopAfter(answer);
}

/** @returns the fault as a result, without what is ours alone */
function resultOf(answer: CallFault): SendResult {
  const fault = faultOf(answer);
  return answer.kind === 'unknown' ? { kind: 'unknown', ...fault } : { kind: 'unavailable', ...fault };
}

/** One verdict for all rows of a call. */
async function settleWhole(run: Run, batch: readonly Prepared[], said: { verdict: Verdict; reply: Reply }): Promise<void> {
  const { verdict, reply } = said;
  const account = verdict.kind === 'refused' ? accountFault(run, verdict) : undefined;
  if (account !== undefined) {
    await accountRefused(run, batch, account);
    return;
  }
  if (verdict.kind === 'refused' && batch.length > 1) {
    const { then } = run.deps.classify(verdict.code, verdict.text);
    if (then === 'park' || then === 'prove') {
      halve(run, batch);
      return;
    }
  }
  for (const row of batch) await settleRow(run, row, { verdict, reply });
  // not about the rows: the platform is not well, or its answer said nothing
  const result = run.results.get(batch[0]?.index ?? -1);
  if (result?.kind !== 'unavailable' && result?.kind !== 'unknown') return;
  run.stopped = stopAfter(result);
  if (result.kind === 'unknown' && batch.length > 1) run.deps.memory.suspect(batch.map((row) => row.key));
}

function stopAfter(result: CallFault): Stop {
  const fault = faultOf(result);
  return result.kind === 'unavailable' ? fault : { ...fault, peerText: '前一次调用结果不明，本行未发送' };
}

/** @returns the refusal when it speaks of account or grant, and so perhaps of one row alone */
function accountFault(run: Run, verdict: Extract<Verdict, { kind: 'refused' }>): Stop | undefined {
  const found = run.deps.classify(verdict.code, verdict.text);
  return isAccountText(found) ? { reason: found.reason, peerCode: verdict.code, peerText: verdict.text } : undefined;
}

async function settleRow(run: Run, row: Prepared, said: { verdict: Verdict; reply: Reply }): Promise<void> {
  const { verdict, reply } = said;
  const { memory, clock } = run.deps;
  const account = verdict.kind === 'refused' ? accountFault(run, verdict) : undefined;
  if (account !== undefined) {
    await accountRefused(run, [row], account);
    return;
  }
  const result = verdict.kind === 'accepted' ? accepted(row, reply)
    : verdict.kind === 'unclear' ? { kind: 'unknown', reason: 'BAD_REPLY', peerCode: reply.code, peerText: verdict.why } as const
    : await refused(run, row, verdict);
  run.results.set(row.index, result);
  if (result.kind === 'accepted' || result.kind === 'duplicate' || result.kind === 'rejected') accountPassed(run, row);
  if (result.kind === 'unknown') memory.outcomeUnknown([row.report.key], clock.now());
  else if (result.kind === 'unavailable' && result.reason === 'SYSTEM') memory.busy(row.report.key);
  else memory.settled(row.report.key, row.key);
}

function accepted(row: Prepared, reply: Reply): SendResult {
  return { kind: 'accepted', ...(reply.ref === '' ? {} : { platformRef: reply.ref }), evidence: `${row.infno} fixmedins_bchno ${row.key}` };
}

async function refused(run: Run, row: Prepared, verdict: Extract<Verdict, { kind: 'refused' }>): Promise<SendResult> {
  const { deps } = run;
  const { reason, then } = deps.classify(verdict.code, verdict.text);
  const named = row.report.codes.filter((code) => verdict.text.includes(code));
  const fault = { reason, peerCode: verdict.code, peerText: verdict.text, ...(named.length === 0 ? {} : { codes: named }) };
  if (then === 'retry' || then === 'sign-in-again') return { kind: 'unavailable', ...fault };
  if (then === 'ask') return { kind: 'unknown', ...fault };
  // a duplicate may be our own earlier upload, and a deletion that finds nothing may be done already: the platform's records prove it
  if (then === 'prove' || row.infno === '3507') return proven(await deps.readBack(row.report, run.signal), fault);
  return { kind: 'rejected', ...fault };
}

function proven(asked: Awaited<ReturnType<ReadBack>>, fault: PeerFault): SendResult {
  if (asked.kind === 'settled' && asked.outcome.kind === 'accepted') return { ...asked.outcome, kind: 'duplicate' };
  if (asked.kind === 'no-answer') return { kind: 'unknown', reason: asked.reason, ...(fault.peerCode === undefined ? {} : { peerCode: fault.peerCode }), ...(fault.peerText === undefined ? {} : { peerText: fault.peerText }) };
  return { kind: 'rejected', ...fault };
}

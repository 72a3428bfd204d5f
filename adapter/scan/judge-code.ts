import type { TraceCode } from '../domain/trace-code.ts';
import type { CodeRow } from '../ledger/code-state.ts';
import type { RecalledLots } from '../recall/recalled-lots.ts';
import { validWarning } from './platform-warning.ts';
import type { RuleFinding } from './rule-finding.ts';
import {
  dispensedAtMember, expired, levelNotSmallest, notActivated, platformWarning, recalled, receivedAgainWithoutReturn, returnedThenSold, unusualPattern, wrongDrugByPrefix, wrongDrugByReceipt, wrongLot,
  type LineFacts,
} from './rules.ts';

/** What is known about one code in one line. */
export interface CodeFacts {
  readonly row: CodeRow;
  readonly line: LineFacts;
  readonly recalls: RecalledLots;
  /** dispensed or opened at another member of the alliance, where members are told of each other */
  readonly elsewhere: boolean;
  readonly nowMs: number;
  /** units are taken from the opened pack, it does not leave whole */
  readonly split?: boolean;
  /** length of the run of serials sold without receipt around the code */
  readonly neighbours?: number;
}

/** @returns whether the code belongs to the drug of the line (串码) */
export function drugFindings(code: TraceCode, row: CodeRow, line: LineFacts): readonly RuleFinding[] {
  return said(wrongDrugByReceipt(row, line) ?? wrongDrugByPrefix(code, line));
}

/** @returns what speaks against handing the pack out, beside where it is (ledger/whole-packs.ts) and which drug it holds */
export function leavingFindings(facts: CodeFacts): readonly RuleFinding[] {
  const { row, line } = facts;
  const whole = facts.split !== true;
  return said(
    expired(row, line), whole ? levelNotSmallest(row) : undefined, wrongLot(row, line), ...anywhere(facts),
    whole ? returnedThenSold(row) : undefined, receivedAgainWithoutReturn(row), unusualPattern(row, facts.neighbours),
  );
}

/** @returns what speaks against taking the pack in */
export function arrivingFindings(facts: CodeFacts): readonly RuleFinding[] {
  return said(...anywhere(facts));
}

/** What holds whichever way the pack goes. */
function anywhere({ row, line, recalls, elsewhere, nowMs }: CodeFacts): readonly (RuleFinding | undefined)[] {
  const warning = row.warning === undefined ? undefined : validWarning(row, nowMs);
  return [recalled(row, line, recalls), notActivated(warning), platformWarning(warning), dispensedAtMember(elsewhere)];
}

function said(...found: readonly (RuleFinding | undefined)[]): readonly RuleFinding[] {
  return found.filter((one) => one !== undefined);
}

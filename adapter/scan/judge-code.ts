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

const NOTHING: readonly RuleFinding[] = [];

/** @returns whether the code belongs to the drug of the line (串码) */
export function drugFindings(code: TraceCode, row: CodeRow, line: LineFacts): readonly RuleFinding[] {
  const found = wrongDrugByReceipt(row, line) ?? wrongDrugByPrefix(code, line);
  return found === undefined ? NOTHING : [found];
}

/** @returns what speaks against handing the pack out, beside where it is (ledger/whole-packs.ts) and which drug it holds */
export function leavingFindings(facts: CodeFacts): readonly RuleFinding[] {
  const { row, line } = facts;
  const whole = facts.split !== true;
  const found = new Found();
  found.say(expired(row, line));
  if (whole) found.say(levelNotSmallest(row));
  found.say(wrongLot(row, line));
  sayAnywhere(facts, found);
  if (whole) found.say(returnedThenSold(row));
  found.say(receivedAgainWithoutReturn(row));
  found.say(unusualPattern(row, facts.neighbours));
  return found.said;
}

/** @returns what speaks against taking the pack in */
export function arrivingFindings(facts: CodeFacts): readonly RuleFinding[] {
  const found = new Found();
  sayAnywhere(facts, found);
  return found.said;
}

/** What holds whichever way the pack goes. */
function sayAnywhere({ row, line, recalls, elsewhere, nowMs }: CodeFacts, found: Found): void {
  found.say(recalled(row, line, recalls));
  if (row.warning !== undefined) {
    const warning = validWarning(row, nowMs);
    found.say(notActivated(warning));
    found.say(platformWarning(warning));
  }
  found.say(dispensedAtMember(elsewhere));
}

/** Nearly every code has nothing said about it: no list is made for it, three codes a line and a thousand lines a second. */
class Found {
  said: RuleFinding[] | typeof NOTHING = NOTHING;

  say(finding: RuleFinding | undefined): void {
    if (finding !== undefined) this.said = [...this.said, finding];
  }
}

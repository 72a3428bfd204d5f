import type { Clock } from '../../../adapter/ports/clock.ts';
import { CallBudget, type CallRates } from './call-budget.ts';

/** Whose calls are counted together by the platform. */
export interface BudgetOwner {
  /** any address of the platform; its host counts */
  readonly address: string;
  /** app key, account, institution number: whatever the platform counts by */
  readonly account: string;
}

export interface BudgetShare {
  readonly budget: CallBudget;
  /** gives the share back; the budget goes with its last user */
  release(): void;
}

export interface BudgetTerms {
  readonly clock: Clock;
  readonly rates: CallRates;
  /** processes (or other programs) that use the account at the same time: each gets its part of the rates */
  readonly sharedBy?: number;
}

interface Entry {
  readonly budget: CallBudget;
  readonly users: Set<CallRates>;
}

/** Budgets of this process: two jobs on one key that do not know of each other are throttled on the first call (mah.md 2.5). */
const entries = new Map<string, Entry>();

/**
 * @returns the one budget of the account in this process. Where several users ask for different rates the smallest holds, for as
 * long as its user stays.
 */
export function shareBudget(owner: BudgetOwner, { clock, rates, sharedBy = 1 }: BudgetTerms): BudgetShare {
  const key = `${new URL(owner.address).host}\u0000${owner.account}`;
  const own = dividedBy(rates, sharedBy);
  const entry = entries.get(key) ?? { budget: new CallBudget(clock, own), users: new Set<CallRates>() };
  entries.set(key, entry);
  entry.users.add(own);
  entry.budget.limit(smallestOf([...entry.users]));
  return {
    budget: entry.budget,
    release: () => {
      if (!entry.users.delete(own)) return;
      if (entry.users.size > 0) entry.budget.limit(smallestOf([...entry.users]));
      else if (entries.get(key) === entry) entries.delete(key);
    },
  };
}

/**
 * Part of the rates for one of several processes. A division needs no word between them and no clock they agree on, and holds
 * when one of them has lost the store. Whole calls a second, because 1.5 a second puts two into some seconds, and so does the
 * other process; what is left over is the price. Below one call a second for each only the average can be kept.
 */
function dividedBy({ lanes, total }: CallRates, processes: number): CallRates {
  const part = (perSecond: number): number => {
    const each = perSecond / processes;
    return processes > 1 && each >= 1 ? Math.floor(each) : each;
  };
  return { lanes: Object.fromEntries(Object.entries(lanes).map(([lane, perSecond]) => [lane, part(perSecond)])), total: total === undefined ? undefined : part(total) };
}

function smallestOf(all: readonly CallRates[]): CallRates {
  const lanes: Record<string, number> = {};
  for (const rates of all) for (const [lane, perSecond] of Object.entries(rates.lanes)) lanes[lane] = Math.min(lanes[lane] ?? Infinity, perSecond);
  const totals = all.flatMap(({ total }) => total ?? []);
  return { lanes, total: totals.length === 0 ? undefined : Math.min(...totals) };
}

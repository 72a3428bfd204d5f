import type { FaultRule, FaultScript } from './fault-rule.ts';
import { momentMs } from './fault-script.ts';
import { PLATFORM_NAMES, type PlatformName } from './platform-name.ts';

export type { FaultEffect, FaultRule, FaultScript } from './fault-rule.ts';
export { FAULT_EFFECTS } from './fault-rule.ts';
export { parseFaultScript } from './fault-script.ts';

interface ArmedRule {
  readonly rule: FaultRule;
  readonly name: string;
  readonly draw: () => number;
  readonly fromMs: number;
  readonly untilMs: number;
  calls: number;
  applied: number;
}

export interface FaultControlOptions {
  readonly now: () => number;
  readonly script?: FaultScript;
  /** closes the platform's listening socket for so long */
  readonly onOutage: (platform: PlatformName, ms: number) => void;
}

/** Longest delay a timer takes (2^31 - 1 ms): an outage that begins later is armed anew when a script is set again. */
const MAX_TIMER_MS = 2_147_483_647;

/** The rules in force. They can be changed while the platforms run; changing them starts every count at zero. */
export class FaultControl {
  readonly #options: FaultControlOptions;
  #armed: readonly ArmedRule[] = [];
  #timers: NodeJS.Timeout[] = [];

  constructor(options: FaultControlOptions) {
    this.#options = options;
    if (options.script !== undefined) this.set(options.script);
  }

  /** Puts rules into force in place of the present ones. The seed decides which calls a probability hits. */
  set(script: FaultScript | readonly FaultRule[]): void {
    this.clear();
    const { rules, seed } = isList(script) ? { rules: script, seed: undefined } : script;
    const setAt = this.#options.now();
    this.#armed = rules.map((rule, index) => ({
      rule,
      name: rule.name ?? rule.effect,
      // one generator per rule: adding a rule does not move the hits of the others
      draw: seededGenerator((seed ?? 1) + index * 7_919),
      fromMs: rule.from === undefined ? Number.NEGATIVE_INFINITY : (momentMs(rule.from, setAt) ?? Number.NEGATIVE_INFINITY),
      untilMs: rule.until === undefined ? Number.POSITIVE_INFINITY : (momentMs(rule.until, setAt) ?? Number.POSITIVE_INFINITY),
      calls: 0,
      applied: 0,
    }));
    for (const armed of this.#armed) if (isTimed(armed.rule)) this.#schedule(armed, setAt);
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#armed = [];
  }

  get rules(): readonly FaultRule[] {
    return this.#armed.map((armed) => armed.rule);
  }

  /** How often each rule was applied since it was set. */
  get applied(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const armed of this.#armed) counts[armed.name] = (counts[armed.name] ?? 0) + armed.applied;
    return counts;
  }

  /** @returns the first rule that hits this call, already counted as applied */
  match(platform: PlatformName, operation: string, body: Buffer): FaultRule | undefined {
    const now = this.#options.now();
    let hit: ArmedRule | undefined;
    for (const armed of this.#armed) {
      if (isTimed(armed.rule) || !concerns(armed.rule, platform, operation, body)) continue;
      if (now < armed.fromMs || now >= armed.untilMs) continue;
      armed.calls += 1;
      if (hit === undefined && fires(armed)) hit = armed;
    }
    if (hit === undefined) return undefined;
    hit.applied += 1;
    return hit.rule;
  }

  #schedule(armed: ArmedRule, setAt: number): void {
    const start = Math.max(armed.fromMs, setAt);
    const delay = start - setAt;
    if (armed.untilMs <= start || delay > MAX_TIMER_MS) return;
    const timer = setTimeout(() => {
      armed.applied += 1;
      const platforms: readonly PlatformName[] = armed.rule.platform === undefined ? PLATFORM_NAMES : [armed.rule.platform];
      for (const platform of platforms) this.#options.onOutage(platform, armed.untilMs - start);
    }, delay);
    timer.unref();
    this.#timers.push(timer);
  }
}

/** An outage with an end is a matter of the clock, not of a call. */
function isTimed(rule: FaultRule): boolean {
  return rule.effect === 'outage' && rule.until !== undefined;
}

function isList(script: FaultScript | readonly FaultRule[]): script is readonly FaultRule[] {
  return Array.isArray(script);
}

function concerns(rule: FaultRule, platform: PlatformName, operation: string, body: Buffer): boolean {
  if (rule.platform !== undefined && rule.platform !== platform) return false;
  // these two belong to the asynchronous bills of the MAH platform
  if (platform !== 'mah' && (rule.effect === 'stallProcessing' || rule.effect === 'partialProcessing')) return false;
  if (rule.operation !== undefined && ![rule.operation].flat().some((name) => isOperation(name, operation))) return false;
  return rule.contains === undefined || body.includes(rule.contains);
}

function isOperation(wanted: string, operation: string): boolean {
  if (wanted.endsWith('*')) return operation.startsWith(wanted.slice(0, -1)) || operation.split('yljg.')[1]?.startsWith(wanted.slice(0, -1)) === true;
  return operation === wanted || operation.endsWith(`yljg.${wanted}`);
}

function fires(armed: ArmedRule): boolean {
  const { rule, calls } = armed;
  if (rule.times !== undefined && armed.applied >= rule.times) return false;
  if (rule.every !== undefined && calls % rule.every !== 0) return false;
  if (rule.calls !== undefined && !isChosenCall(rule.calls, calls)) return false;
  return rule.probability === undefined || armed.draw() < rule.probability;
}

function isChosenCall(chosen: number | readonly number[] | string, call: number): boolean {
  if (typeof chosen === 'number') return chosen === call;
  if (typeof chosen !== 'string') return chosen.includes(call);
  const [first, last] = chosen.split('-').map(Number);
  return call >= (first ?? 1) && call <= (last ?? first ?? 1);
}

/** mulberry32: small, and the same on every machine, so a failing run can be repeated from its seed. */
function seededGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { Log } from '../ports/log.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { DeliveryLane } from './lane.ts';
import { createRetryPolicy, type RetrySettings } from './retry-policy.ts';
import { setSwitch } from './switches.ts';

export interface DispatcherDeps {
  readonly driver: SqlDriver;
  readonly destinations: readonly Destination[];
  readonly institutions: readonly Institution[];
  readonly catalogue: DrugLookup;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry: RetrySettings;
  readonly random: () => number;
  /** names this process among those on the same store */
  readonly processId: string;
  readonly alone: boolean;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
}

/** All lanes: one per institution and destination, each with its own queue, switch and health. */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #lanes = new Map<string, DeliveryLane>();

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    const policy = createRetryPolicy(deps.retry, deps.random);
    for (const institution of deps.institutions) {
      for (const destination of deps.destinations) {
        this.#lanes.set(laneKey(institution.code, destination.name), new DeliveryLane({ ...deps, institution, destination, policy, claimedBy: deps.processId }));
      }
    }
  }

  async start(): Promise<void> {
    for (const destination of this.#deps.destinations) await destination.start?.();
    for (const lane of this.#lanes.values()) await lane.start();
  }

  /** Ends within about `graceMs`: nothing new is claimed, calls under way get that long. */
  async stop(graceMs = 5_000): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop(graceMs)));
    await Promise.all(this.#deps.destinations.map((destination) => destination.stop()));
  }

  wake(institution: string): void {
    for (const destination of this.#deps.destinations) this.#lanes.get(laneKey(institution, destination.name))?.wake();
  }

  /** The stop switch: durable, at once in this process, within a second in others. */
  async switch(lane: { readonly institution: string; readonly destination: string }, change: { readonly stopped: boolean; readonly reason: string; readonly by: string }): Promise<void> {
    await setSwitch(this.#deps.driver, lane, { ...change, nowMs: this.#deps.clock.now() });
    this.#lanes.get(laneKey(lane.institution, lane.destination))?.setStopped(change.stopped);
  }

  lane(institution: string, destination: string): DeliveryLane | undefined {
    return this.#lanes.get(laneKey(institution, destination));
  }
}

function laneKey(institution: string, destination: string): string {
  return `${institution}\u0000${destination}`;
}

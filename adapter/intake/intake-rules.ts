import type { Destination } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import type { Policy } from '../ports/policy.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';

/** What the intake decides by: who is configured, what policy leaves out, where reports go. */
export interface IntakeRules {
  institution(code: string): Institution | undefined;
  /** first configured institution: where records that name an unknown one are kept */
  readonly home: Institution | undefined;
  readonly policy: Policy;
  readonly destinations: readonly Destination[];
  readonly catalogue: DrugLookup;
}

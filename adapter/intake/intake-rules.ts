import type { Destination } from '../ports/destination.ts';
import type { Institution } from '../ports/institution.ts';
import type { FullPolicy } from '../ports/policy.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { MembersOf } from '../scan/elsewhere.ts';

/** What the intake decides by: who is configured, what policy leaves out, where reports go. */
export interface IntakeRules {
  institution(code: string): Institution | undefined;
  /** first configured institution: where records that name an unknown one are kept */
  readonly home: Institution | undefined;
  readonly policy: FullPolicy;
  readonly destinations: readonly Destination[];
  readonly catalogue: DrugLookup;
  /** members of an alliance that are told of each other's dispenses; left out: nobody is */
  readonly members?: MembersOf;
}

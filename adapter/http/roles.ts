/**
 * Roles of API tokens. The three officers of 等保 are kept apart: `it` runs the system, `security` guards it, `auditor` reads
 * everything and changes nothing. `his` sends, `pharmacist` works, `hub` reads figures for the alliance.
 */
export const ROLES = ['his', 'pharmacist', 'it', 'auditor', 'security', 'hub'] as const;
export type Role = (typeof ROLES)[number];

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/** Roles that need to know whose medicine it was; everyone else sees masked people. */
const SEES_PEOPLE: readonly Role[] = ['auditor', 'pharmacist'];

export function seesPeople(role: Role): boolean {
  return SEES_PEOPLE.includes(role);
}

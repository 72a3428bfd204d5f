import { TraceError } from '../domain/error.ts';
import type { RequestContext } from './route.ts';

/** @returns whether the caller may see or change anything of this institution */
export function mayActFor(context: RequestContext, institution: string): boolean {
  // records that belong to no institution are for whoever may act for all
  if (institution === '*') return context.identity.institution === '*';
  const configured = context.deps.institutions.some((other) => other.code === institution);
  return configured && (context.identity.institution === '*' || context.identity.institution === institution);
}

/** @returns configured institutions the caller may act for */
export function institutionsOf(context: RequestContext): readonly string[] {
  return context.deps.institutions.map((institution) => institution.code).filter((code) => mayActFor(context, code));
}

/**
 * The one institution a request is about: every query is bound to it (a token of A never reads B).
 * @param named the `institution` parameter; may be left out when only one is possible
 * @throws TraceError FORBIDDEN when the token may not act for it, REQUEST_INVALID when one has to be named
 */
export function institutionOf(context: RequestContext, named: string | undefined): string {
  if (named !== undefined) {
    if (!mayActFor(context, named)) throw new TraceError('FORBIDDEN', 'institution');
    return named;
  }
  const [only, ...others] = institutionsOf(context);
  if (only === undefined) throw new TraceError('FORBIDDEN', 'institution');
  if (others.length > 0) {
    throw new TraceError('REQUEST_INVALID', context.language === 'zh' ? '请用参数 institution 指明机构编号' : 'name the institution in the parameter institution');
  }
  return only;
}

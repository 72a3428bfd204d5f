import { z } from 'zod';
import { TraceError } from '../domain/error.ts';
import type { Reply, RequestContext } from './route.ts';
import { institutionOf } from './scope.ts';

export const switchSchema = z.strictObject({ name: z.string(), institution: z.string(), state: z.enum(['running', 'paused']) });

export interface SwitchRequest {
  readonly name: string;
  readonly institution: string | undefined;
  readonly reason: string;
  readonly stopped: boolean;
}

/** Stops or starts one destination for one institution. @throws TraceError DESTINATION_UNKNOWN, FORBIDDEN */
export async function switchDestination(context: RequestContext, request: SwitchRequest): Promise<Reply> {
  const institution = institutionOf(context, request.institution);
  const { destinations, operations, log } = context.deps;
  if (!destinations.includes(request.name)) throw new TraceError('DESTINATION_UNKNOWN', request.name);
  const { name, stopped, reason } = request;
  await operations.switchDestination({ destination: name, institution, stopped, reason, by: context.identity.name });
  log.warn(stopped ? 'destination paused' : 'destination resumed', { destination: name, institution, reason, by: context.identity.name, requestId: context.requestId });
  return { status: 200, body: { name, institution, state: stopped ? 'paused' : 'running' } };
}

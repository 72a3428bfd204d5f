import { z } from 'zod';
import { isOpen, needsAttention } from '../../store/queries/delivery-states.ts';
import { readBacklogs, readSwitches } from '../../store/queries/destinations-view.ts';
import type { Backlog, SwitchRow } from '../../store/queries/destinations-view.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';
import { isoOrNone, present } from '../view-members.ts';

const destinationSchema = z.strictObject({
  name: z.string(),
  state: z.enum(['running', 'paused']),
  pauseReason: z.string().optional(),
  changedBy: z.string().optional(),
  changedAt: z.string().optional(),
  pending: z.number().describe('尚未了结的任务数'),
  attention: z.number().describe('待人工处理的任务数'),
  byState: z.record(z.string(), z.number()),
  oldestAt: z.string().optional(),
  oldestAgeSeconds: z.number().optional(),
}).meta({ id: 'Destination' });

function total(byState: Readonly<Record<string, number>>, wanted: (state: string) => boolean): number {
  return Object.entries(byState).reduce((sum, [state, count]) => sum + (wanted(state) ? count : 0), 0);
}

function destinationReply(backlog: Backlog, change: SwitchRow | undefined, now: number): z.input<typeof destinationSchema> {
  const paused = change?.stopped === 1;
  return {
    name: backlog.destination,
    state: paused ? 'paused' : 'running',
    ...present({ pauseReason: paused ? change.reason : undefined, changedBy: change?.changed_by, changedAt: isoOrNone(change?.changed_at) }),
    pending: total(backlog.byState, isOpen), attention: total(backlog.byState, needsAttention), byState: backlog.byState,
    ...(backlog.oldestAt === undefined ? {} : { oldestAt: isoOrNone(backlog.oldestAt), oldestAgeSeconds: Math.max(0, Math.floor((now - backlog.oldestAt) / 1_000)) }),
  };
}

export const listDestinations = defineRoute({
  operation: 'list-destinations',
  method: 'get',
  path: '/api/v1/destinations',
  roles: ['pharmacist', 'it', 'auditor', 'hub'],
  summary: '各上报目标：运行或暂停、积压、最早一条等了多久',
  request: { query: z.strictObject({ institution: institutionField }) },
  response: { description: '上报目标', schema: z.strictObject({ institution: z.string(), items: z.array(destinationSchema) }) },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const { driver, destinations, clock } = context.deps;
    const [backlogs, switches] = await driver.read(async (q) => [await readBacklogs(q, institution, destinations), await readSwitches(q, institution)] as const);
    const now = clock.now();
    const items = backlogs.map((backlog) => destinationReply(backlog, switches.find((row) => row.destination === backlog.destination), now));
    return { status: 200, body: { institution, items } };
  },
});

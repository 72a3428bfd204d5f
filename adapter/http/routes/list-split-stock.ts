import { z } from 'zod';
import { chinaDate } from '../../domain/china-time.ts';
import type { Drug } from '../../domain/drug.ts';
import { formatQuantity } from '../../domain/quantity.ts';
import { NO_RECALLS, type RecalledLots } from '../../recall/recalled-lots.ts';
import { expired, recalled } from '../../scan/rules.ts';
import { listOpenedPacks, MAX_OPENED, type OpenedPackRow } from '../../store/queries/split-stock-view.ts';
import { institutionField, textField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { booksOf } from '../scan-request.ts';
import { institutionOf } from '../scope.ts';
import { isoOrNone, present } from '../view-members.ts';

const DAY_MS = 86_400_000;

const packSchema = z.strictObject({
  code: z.string().describe('追溯码'), drug: z.string().optional(), drugName: z.string().optional(), lot: z.string().optional(), expiresOn: z.string().optional(), location: z.string().optional(),
  unitsLeft: z.string().optional(), unitsTotal: z.string().optional(), unit: z.string().optional().describe('最小单位'), openedAt: z.string().optional(),
  useBefore: z.string().optional().describe('开启后使用期限的最后一天 yyyy-MM-dd；没有给出期限时没有'),
  problems: z.array(z.enum(['CODE_EXPIRED', 'CODE_RECALLED', 'IN_USE_EXCEEDED'])).describe('CODE_EXPIRED 已过有效期、CODE_RECALLED 在召回中、IN_USE_EXCEEDED 超过开启后使用期限'),
}).meta({ id: 'OpenedPack' });

const stockSchema = z.strictObject({
  drug: z.string().optional(), drugName: z.string().optional(), location: z.string().optional(), unit: z.string().optional().describe('最小单位'), packs: z.number().describe('开启的盒数'), unitsLeft: z.string(),
}).meta({ id: 'SplitStock' });

interface Judged { readonly row: OpenedPackRow; readonly drug: Drug | undefined; readonly useBefore: string | undefined; readonly problems: z.input<typeof packSchema>['problems'] }

function judge(row: OpenedPackRow, facts: { readonly nowMs: number; readonly inUseDays: number | undefined; readonly recalls: RecalledLots }): Judged {
  const drug = row.body === null ? undefined : JSON.parse(row.body) as Drug;
  const today = chinaDate(facts.nowMs);
  const pack = { expiresOn: row.expires_on ?? undefined, lot: row.lot ?? undefined };
  const useBefore = facts.inUseDays === undefined || row.opened_at === null ? undefined : chinaDate(row.opened_at + facts.inUseDays * DAY_MS);
  const problems: Judged['problems'] = [];
  if (expired(pack, { drug, on: today }) !== undefined) problems.push('CODE_EXPIRED');
  if (recalled(pack, { drug, on: today }, facts.recalls) !== undefined) problems.push('CODE_RECALLED');
  if (useBefore !== undefined && useBefore < today) problems.push('IN_USE_EXCEEDED');
  return { row, drug, useBefore, problems };
}

function packReply({ row, drug, useBefore, problems }: Judged): z.input<typeof packSchema> {
  return {
    code: row.code, problems,
    ...present({
      drug: row.drug, drugName: row.name, lot: row.lot, expiresOn: row.expires_on, location: row.location, unitsLeft: row.units_left === null ? undefined : formatQuantity(BigInt(row.units_left)),
      unitsTotal: row.units_total === null ? undefined : formatQuantity(BigInt(row.units_total)), unit: drug?.smallestUnit, openedAt: isoOrNone(row.opened_at), useBefore,
    }),
  };
}

function stocksOf(packs: readonly Judged[]): z.input<typeof stockSchema>[] {
  const stocks = new Map<string, { readonly first: Judged; packs: number; units: bigint }>();
  for (const pack of packs) {
    const key = JSON.stringify([pack.row.drug, pack.row.location]);
    const stock = stocks.get(key) ?? { first: pack, packs: 0, units: 0n };
    stock.packs += 1;
    stock.units += BigInt(pack.row.units_left ?? '0');
    stocks.set(key, stock);
  }
  return [...stocks.values()].map(({ first: { row, drug }, packs: count, units }) => ({
    ...present({ drug: row.drug, drugName: row.name, location: row.location, unit: drug?.smallestUnit }), packs: count, unitsLeft: formatQuantity(units),
  }));
}

export const listSplitStock = defineRoute({
  operation: 'list-split-stock',
  method: 'get',
  path: '/api/v1/split-stock',
  roles: ['his', 'pharmacist', 'it', 'auditor'],
  summary: '拆零库：各药房开启的盒、剩余最小单位、开启时间与使用期限，按先用的在前',
  request: {
    query: z.strictObject({
      institution: institutionField, drug: textField(128).optional(), location: textField(128).optional(),
      inUseDays: z.coerce.number().int().min(1).max(3_650).optional().describe('开启后可使用的天数；给出时算出期限'),
    }),
  },
  response: {
    description: '拆零库',
    schema: z.strictObject({ stocks: z.array(stockSchema).describe('按药品与药房合计'), packs: z.array(packSchema).describe('逐盒'), truncated: z.boolean().describe(`开启的盒超过 ${String(MAX_OPENED)} 时只列一部分`) }).meta({ id: 'SplitStockAnswer' }),
  },
  async handle(context, { query }) {
    const institution = institutionOf(context, query.institution);
    const { driver, clock } = context.deps;
    const nowMs = clock.now();
    const { rows, recalls } = await driver.read(async (q) => {
      const opened = await listOpenedPacks(q, institution, query.drug);
      return { rows: opened, recalls: opened.length === 0 ? NO_RECALLS : await booksOf(driver).recalls.lots(q, institution, nowMs) };
    });
    const packs = rows.filter((row) => query.location === undefined || row.location === query.location).map((row) => judge(row, { nowMs, inUseDays: query.inUseDays, recalls }));
    return { status: 200, body: { stocks: stocksOf(packs), packs: packs.map(packReply), truncated: rows.length >= MAX_OPENED } };
  },
});

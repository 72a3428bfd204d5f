import { FINDING_CODES } from '../domain/finding.ts';
import { PURPOSES, REGIMES, STAGES } from '../ports/policy.ts';
import type { SettingsOf, SettingTable } from '../ports/settings.ts';

const reason = { kind: 'text', required: true, label: '原因', meaning: '为什么偏离省级规则包，写进记录供检查时查看', description: 'why the hospital departs from the pack; inspectors read it', example: '医院药事会 2026-09-10 决定' } as const;
const institution = { kind: 'text', label: '机构编号', meaning: '只对这个机构生效；不填则对全部机构生效', description: 'only for this institution; left out: for all', example: 'H35010200001' } as const;

/** `rules:` of his-trace.yaml: where a hospital departs from its province's pack, each time with a reason (contract section 3). */
export const RULES_TABLE = {
  exemptions: {
    kind: 'list', label: '不采用的除外规则', meaning: '所列除外规则不再生效，相应品种照常上报', description: 'exemptions of the pack that are given up: what they left out is reported',
    of: { rule: { kind: 'text', required: true, label: '规则名称', meaning: '规则包说明（plugins/province-*/README.md）中的规则名称', description: 'id of the exemption in the README of the pack', example: 'exempt-split' }, reason, institution },
  },
  starts: {
    kind: 'list', label: '实施日期', meaning: '代替规则包中的起始日期，对所有等级生效', description: 'first day of reporting instead of that of the pack, for every level',
    of: { regime: { kind: 'choice', choices: REGIMES, default: 'mah', label: '平台类别', meaning: 'mah = 持有人追溯系统，insurance = 医保信息平台', description: 'mah or insurance' }, value: { kind: 'text', required: true, pattern: /^\d{4}-\d{2}-\d{2}$/, label: '日期', meaning: 'yyyy-MM-dd，当日起上报', description: 'yyyy-MM-dd', example: '"2026-09-01"' }, reason, institution },
  },
  emergencyHours: {
    kind: 'list', label: '急抢救补核对时限', meaning: '单位小时；代替规则包的时限（48）', description: 'hours for the catch-up after emergency use instead of those of the pack',
    of: { value: { kind: 'integer', required: true, min: 1, max: 720, label: '小时数', description: 'hours', example: '24' }, reason, institution },
  },
  onMismatch: {
    kind: 'list', label: '货码不符时能否上架', meaning: 'block = 不得上架，record = 记录不一致后可以上架', description: 'goods that differ from their upstream data: kept off the shelf, or taken with a discrepancy on record',
    of: { value: { kind: 'choice', required: true, choices: ['block', 'record'], label: '处理', description: 'block or record', example: 'block' }, reason, institution },
  },
  severities: {
    kind: 'list', label: '提示的级别', meaning: '代替规则包中某个提示的级别', description: 'severity of a finding instead of that of the pack',
    of: {
      finding: { kind: 'choice', required: true, choices: FINDING_CODES, label: '提示代码', description: 'code of the finding', example: 'CODE_NOT_IN_STOCK' },
      purpose: { kind: 'choice', choices: PURPOSES, label: '用途', meaning: '只在这种用途下生效；不填则全部', description: 'only for this purpose; left out: for all' },
      stage: { kind: 'choice', choices: STAGES, default: 'scan', label: '时机', meaning: 'scan = 扫码核对时（发生之前），event = 收到事件时（发生之后，block 只是不上报该行）', description: 'scan = before the business, event = afterwards' },
      value: { kind: 'choice', required: true, choices: ['info', 'warn', 'block'], label: '级别', description: 'severity', example: 'block' }, reason, institution,
    },
  },
} as const satisfies SettingTable;

/** The departures from the packs, as checked. */
export type RuleOverrides = SettingsOf<typeof RULES_TABLE>;

export const NO_OVERRIDES: RuleOverrides = { exemptions: [], starts: [], emergencyHours: [], onMismatch: [], severities: [] };

const TOP = 'alibaba.alihealth.drugtrace.top.yljg';
const DRUG = 'alibaba.alihealth.drug.yljg';

/** Methods of the hospital pack that we call (mah.md Annex A), and the warnings of the code-flow pack (mah.md 7, 11.1). */
export const METHODS = {
  uploadInOut: `${TOP}.uploadinoutbill`,
  uploadUse: `${TOP}.uploadretail`,
  billStatus: `${TOP}.query.billstatus`,
  partFailures: `${TOP}.listbillprocesspartsuccess`,
  partners: `${TOP}.query.listparts`,
  serviceEnd: `${TOP}.service.getenddate`,
  enterprises: `${DRUG}.getentinfolist`,
  searchInOut: `${DRUG}.searchbill`,
  /** INFERRED: method string derived from a class name (Annex A) */
  searchUse: `${DRUG}.retail.searchbill`,
  /** INFERRED likewise */
  billDetail: `${DRUG}.searchbill.detail`,
  upstreamLines: `${TOP}.listupout`,
  upstreamDetail: `${TOP}.listupout.detail`,
  billOfCode: `${TOP}.query.upbillcode`,
  ownBillDetail: `${TOP}.query.upbilldetail`,
  relation: `${TOP}.query.relation`,
  codeDetail: `${TOP}.query.codedetail`,
  codeWarning: 'alibaba.alihealth.drug.myj.codewarn.getwarninfo',
  drugTable: `${TOP}.drugtable`,
  ownCounts: `${DRUG}.query.billcount`,
  upstreamCounts: `${DRUG}.query.upoutbillcount`,
} as const;

export type Method = (typeof METHODS)[keyof typeof METHODS];

/** What each method is to the people who read a probe or an answer. */
export const METHOD_LABELS: Readonly<Record<Method, string>> = {
  [METHODS.uploadInOut]: '出入库单据上传', [METHODS.uploadUse]: '使用单据上传', [METHODS.billStatus]: '单据处理状态', [METHODS.partFailures]: '部分成功明细',
  [METHODS.partners]: '往来单位', [METHODS.serviceEnd]: '服务期限', [METHODS.enterprises]: '企业编号', [METHODS.searchInOut]: '出入库单据查询',
  [METHODS.searchUse]: '使用单据查询', [METHODS.billDetail]: '单据明细核对', [METHODS.upstreamLines]: '上游单据列表', [METHODS.upstreamDetail]: '上游单据明细',
  [METHODS.billOfCode]: '按码查上游单据', [METHODS.ownBillDetail]: '本院单据明细', [METHODS.relation]: '包装关联关系', [METHODS.codeDetail]: '追溯码状态',
  [METHODS.codeWarning]: '追溯码异常预警', [METHODS.drugTable]: '药品目录', [METHODS.ownCounts]: '本院单据计数', [METHODS.upstreamCounts]: '上游单据计数',
};

/** without these no report can be sent or settled; the others help */
export const NEEDED_METHODS: ReadonlySet<Method> = new Set([METHODS.uploadInOut, METHODS.uploadUse, METHODS.billStatus, METHODS.partFailures]);

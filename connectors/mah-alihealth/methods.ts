const TOP = 'alibaba.alihealth.drugtrace.top.yljg';
const DRUG = 'alibaba.alihealth.drug.yljg';

/** Methods of the hospital pack that we call (mah.md Annex A). */
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
} as const;

export type Method = (typeof METHODS)[keyof typeof METHODS];

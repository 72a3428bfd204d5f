import type { Language } from './error.ts';
import type { FaultReason } from './outcome.ts';

/** Why a report did not get through and what to do next, for pharmacists and hospital IT. */
interface FaultWords {
  readonly zh: string;
  readonly actionZh: string;
  readonly en: string;
  readonly actionEn: string;
}

const WORDS: Readonly<Record<FaultReason, FaultWords>> = {
  NETWORK: {
    zh: '连不上平台', actionZh: '系统会自动重试；持续出现时请信息科检查专线、VPN 与防火墙',
    en: 'the platform cannot be reached', actionEn: 'it is retried by itself; if it lasts, check line, VPN and firewall',
  },
  TIMEOUT: {
    zh: '平台没有在时限内答复，是否收到尚不清楚', actionZh: '系统会先向平台查询，确认没有收到才重发，无需人工操作',
    en: 'the platform did not answer in time; it may have the report', actionEn: 'the platform is asked before anything is sent again; nothing to do',
  },
  BAD_REPLY: {
    zh: '平台的答复无法读懂', actionZh: '系统会先查询再决定；持续出现时把留存的答复交给平台方',
    en: 'the platform\'s reply cannot be read', actionEn: 'the platform is asked first; if it lasts, show the kept reply to its operator',
  },
  WRONG_MESSAGE_ID: {
    zh: '平台答复的报文编号与发送的不符', actionZh: '系统会先查询再决定；请信息科检查中间的网关或代理是否串了答复',
    en: 'the reply belongs to another message', actionEn: 'the platform is asked first; check whether a gateway mixes up replies',
  },
  SERVER_FAULT: {
    zh: '平台内部出错', actionZh: '系统会先查询再重试；持续出现时联系平台方',
    en: 'the platform failed internally', actionEn: 'it is asked about, then retried; if it lasts, call the platform\'s operator',
  },
  THROTTLED: {
    zh: '超过平台的频率限制', actionZh: '系统会放慢速度自动重发；经常出现时调低配置中的频率',
    en: 'the platform\'s rate limit was exceeded', actionEn: 'it is resent more slowly; lower the configured rate if this is frequent',
  },
  SERVICE_DOWN: {
    zh: '平台停止服务或正在维护', actionZh: '恢复后自动补报，无需人工操作',
    en: 'the platform is out of service', actionEn: 'everything waiting is sent when it is back; nothing to do',
  },
  AUTH: {
    zh: '平台不认可身份、签名或签到', actionZh: '请信息科核对密钥、证书、账号与签到状态，更正后自动继续',
    en: 'the platform does not accept identity, signature or sign-in', actionEn: 'check keys, certificate, account and sign-in; it goes on by itself afterwards',
  },
  NOT_GRANTED: {
    zh: '平台没有给本机构开通这个接口', actionZh: '向平台方申请开通；开通后重发',
    en: 'the platform has not granted this interface', actionEn: 'ask the platform to grant it, then resend',
  },
  CLOCK: {
    zh: '本机时间与平台相差过大', actionZh: '请信息科校准本机时间（NTP），之后自动继续',
    en: 'this machine\'s clock is too far off', actionEn: 'set the clock (NTP); it goes on by itself afterwards',
  },
  CONFIGURATION: {
    zh: '配置不完整或不正确', actionZh: '运行 his-trace check --probe，按提示改正配置后重发',
    en: 'the configuration is incomplete or wrong', actionEn: 'run his-trace check --probe, correct the configuration, resend',
  },
  MISSING_FIELD: {
    zh: '缺少平台要求的内容', actionZh: '按提示的字段在 HIS 或药品目录中补齐，然后重发',
    en: 'something the platform requires is missing', actionEn: 'fill in the named field in the HIS or the catalogue, then resend',
  },
  FIELD_TOO_LONG: {
    zh: '内容超过平台允许的长度', actionZh: '缩短提示的字段后重发',
    en: 'a value is longer than the platform allows', actionEn: 'shorten the named field, then resend',
  },
  DUPLICATE_CODE: {
    zh: '追溯码重复', actionZh: '核对实物与之前的业务：若之前有误先作废；若属可疑药品按规定上报；不要强行重发',
    en: 'the trace code has been used already', actionEn: 'check the pack and the earlier business: void that if wrong, report suspicious drugs; do not force it',
  },
  INVALID_CODE: {
    zh: '平台认为追溯码不合法', actionZh: '与药盒核对后重新扫描；药盒上确为此码的，反馈给供应商或生产企业',
    en: 'the platform calls the trace code invalid', actionEn: 'compare with the pack and scan again; if it is printed so, tell the supplier or maker',
  },
  CODE_NOT_INBOUND: {
    zh: '平台上没有该追溯码的入库记录', actionZh: '先补报入库，再重发本条',
    en: 'the platform has no receipt of this code', actionEn: 'report the receipt first, then resend this one',
  },
  CATALOG: {
    zh: '药品目录或医保编码不对应', actionZh: '在药品目录中核对医保目录编码与院内编码的对照，更正后重发',
    en: 'the drug or its insurance code does not match', actionEn: 'correct the insurance code in the catalogue, then resend',
  },
  REQUIRED: {
    zh: '平台提示有必填内容为空', actionZh: '按平台原文补齐，然后重发',
    en: 'the platform says something required is empty', actionEn: 'fill it in by the platform\'s own text, then resend',
  },
  SETTLEMENT: {
    zh: '结算信息不对应', actionZh: '核对结算编号与就诊号；结算已撤销的请作废或退药',
    en: 'the settlement does not match', actionEn: 'check settlement and visit number; void or return if the settlement was cancelled',
  },
  RULE: {
    zh: '不符合平台或本院的规则', actionZh: '按提示核对业务；确需上报的更正后重发',
    en: 'a rule forbids it', actionEn: 'check the case by the text given; correct and resend if it is right',
  },
  SYSTEM: {
    zh: '平台系统繁忙或出错', actionZh: '系统会自动重试；持续出现时联系平台方',
    en: 'the platform is busy or failing', actionEn: 'it is retried by itself; if it lasts, call the platform\'s operator',
  },
  UNKNOWN_TEXT: {
    zh: '平台拒绝了，原因不在已知范围', actionZh: '查看平台原文，处理后重发；可把该文字加入错误分类表',
    en: 'the platform refused for a reason not known here', actionEn: 'read the platform\'s own text, mend it, resend; the text can be added to the classification table',
  },
  PARTLY_REJECTED: {
    zh: '平台只接受了一部分追溯码', actionZh: '查看被拒的追溯码逐个处理；已接受的不要重发',
    en: 'the platform accepted only part of the codes', actionEn: 'deal with the refused codes one by one; do not resend the accepted ones',
  },
  BILL_CONFLICT: {
    zh: '平台上已有同号单据，且内容不同', actionZh: '核对是否有人在别处代报；确认后由人工决定保留哪一份',
    en: 'the platform has another bill under the same number', actionEn: 'check whether somebody else reports for you; a person decides which one stays',
  },
  OWNER_UNKNOWN: {
    zh: '往来单位在追溯平台上找不到', actionZh: '核对供应商名称与编号，或在配置中登记它的平台编号后重发',
    en: 'the trading partner is not known on the platform', actionEn: 'check the supplier\'s name and id, or configure its platform id, then resend',
  },
  CODES_MISSING: {
    zh: '没有追溯码，无法上报', actionZh: '补扫追溯码（作废原单后重新发送）；无码库存按规定登记原因',
    en: 'there are no trace codes to report', actionEn: 'scan them (void the document and send it anew); register stock without codes with its reason',
  },
  DRUG_UNKNOWN: {
    zh: '药品目录中没有这个药品，无法上报', actionZh: '把该药品加入目录（his-trace import drugs），然后重发',
    en: 'the drug is not in the catalogue', actionEn: 'add it (his-trace import drugs), then resend',
  },
  CANNOT_ASK: {
    zh: '不清楚平台是否收到，而该平台无法查询', actionZh: '请在平台页面上核对：已有的标为已上报，没有的再重发',
    en: 'it is not known whether the platform has it, and it cannot be asked', actionEn: 'look it up on the platform\'s own pages: mark it reported, or resend it',
  },
  CRASHED: {
    zh: '发送途中程序中断，是否收到尚不清楚', actionZh: '系统会先向平台查询再决定，无需人工操作',
    en: 'the program stopped while sending; the platform may have it', actionEn: 'the platform is asked before anything is sent again; nothing to do',
  },
  FAULT_IN_CONNECTOR: {
    zh: '接口程序出错', actionZh: '系统会先查询再决定；请导出诊断包（his-trace doctor）交给技术支持',
    en: 'the connector failed', actionEn: 'the platform is asked first; send a support bundle (his-trace doctor) to support',
  },
  UNPLANNED: {
    zh: '该行没有对应的上报方式', actionZh: '核对业务类型与配置；确无需上报的登记原因',
    en: 'no report covers this line', actionEn: 'check the kind of business and the configuration; record the reason if nothing is owed',
  },
};

/** @returns in plain words why a report did not get through, and the next step; the platform's own text is shown beside it */
export function faultText(reason: FaultReason, language: Language = 'zh'): { readonly message: string; readonly action: string } {
  const words = WORDS[reason];
  return language === 'zh' ? { message: words.zh, action: words.actionZh } : { message: words.en, action: words.actionEn };
}

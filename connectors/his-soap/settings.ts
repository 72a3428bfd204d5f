import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { TARGETS } from './actions.ts';

const FORMATS = ['mcci', 'response', 'json', 'template'] as const;

function format(value: (typeof FORMATS)[number], label: string, description: string): { kind: 'choice'; choices: typeof FORMATS; default: (typeof FORMATS)[number]; label: string; description: string } {
  return { kind: 'choice', choices: FORMATS, default: value, label, description };
}

const action = {
  name: { kind: 'text', required: true, label: '动作名称', description: 'action, FuncCode or param as the HIS sends it; "*" = every name nobody knows', example: 'S0101' },
  as: { kind: 'choice', choices: TARGETS, required: true, label: '含义', description: 'event = event JSON or XML; hl7 = HL7 v2 message; ping = answered at once, nothing stored; note = stored, nothing to trace in it; or the event kind it stands for', example: 'dispense' },
} as const satisfies SettingTable;

/** Settings of the SOAP intake (`http.soap`), which is always on. */
export const settings = {
  mapping: { kind: 'text', default: 'standard', label: 'HL7 映射', description: 'mapping that reads HL7 v2 messages sent as payload' },
  actions: { kind: 'list', of: action, label: '动作表', description: 'action names of this site, before the built-in ones', example: '[{ name: S0101, as: dispense }]' },
  answers: {
    kind: 'section', label: '应答格式', description: 'format of the answer per service shape: mcci = MCCI_IN000002UV01 document with AA or AE, response = <Response><Body><ResultCode>, json, template = successTemplate and failureTemplate',
    fields: {
      hip: format('mcci', 'HIPMessageServer 应答', 'HIPMessageServer(action, message), urn:hl7-org:v3'),
      asmx: format('mcci', '.asmx 应答', 'HIPMessageServer(action, message), tempuri.org'),
      call: format('response', 'Call 应答', 'Call(FuncCode, input)'),
      service: format('json', 'service 应答', 'service(param, data)'),
    },
  },
  okCode: { kind: 'text', default: '1', label: '成功代码', description: 'ResultCode of format response when the call was taken; vendors use 1, 0, 200' },
  failedCode: { kind: 'text', default: '0', label: '失败代码', description: 'ResultCode of format response when it was refused' },
  successTemplate: { kind: 'text', default: '<Response><errcode>1</errcode><errmsg>{message}</errmsg></Response>', label: '成功模板', description: 'format template: answer of a call that was taken; {id} {code} {message} {action} {requestId} {time} are put in, escaped for XML or JSON by the first character' },
  failureTemplate: { kind: 'text', default: '<Response><errcode>0</errcode><errmsg>{code} {message}</errmsg></Response>', label: '失败模板', description: 'format template: answer of a call that was refused' },
  refusals: { kind: 'choice', choices: ['answer', 'fault'], default: 'answer', label: '拒收的表达方式', description: 'how refused content is told: answer = in the answer of the operation (AE, ResultCode); fault = as a SOAP fault' },
  charset: { kind: 'choice', choices: ['utf-8', 'request'], default: 'utf-8', label: '应答字符集', description: 'utf-8, or request = GBK/GB18030 where the request was' },
  resultElement: { kind: 'text', default: 'HIPMessageServerResult', pattern: /^[A-Za-z_][\w.-]{0,63}$/, label: '应答元素名', description: 'element of HIPMessageServerResponse that holds the answer', example: 'payload' },
  address: { kind: 'url', label: 'WSDL 中的地址', description: 'address written into the WSDL when the service is reached through a proxy; otherwise the host the caller asked', example: 'http://10.1.2.3:8680/soap/his' },
  tokenInQuery: { kind: 'boolean', default: false, label: '允许地址带令牌', description: 'lets ?token=… stand for the Authorization header, for HIS programs that cannot set one; addresses end up in logs of proxies, so keep it off unless needed' },
  maxBytes: { kind: 'integer', default: 2_097_152, min: 1_024, max: 8_388_608, label: '请求大小上限', description: 'bytes of one request, after gzip' },
  maxEvents: { kind: 'integer', default: 1_000, min: 1, max: 1_000, label: '单次事件上限', description: 'events of one call; they are taken together or not at all' },
} as const satisfies SettingTable;

export type SoapSettings = SettingsOf<typeof settings>;

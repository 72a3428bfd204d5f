import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';
import { TARGETS } from './actions.ts';

const FORMATS = ['mcci', 'response', 'json', 'template'] as const;

function format(value: (typeof FORMATS)[number], label: string, description: string, meaning: string): { kind: 'choice'; choices: typeof FORMATS; default: (typeof FORMATS)[number]; label: string; description: string; meaning: string } {
  return { kind: 'choice', choices: FORMATS, default: value, label, description, meaning: `${meaning}：mcci = MCCI_IN000002UV01 文档（AA 或 AE），response = <Response><Body><ResultCode>，json = JSON，template = 用下面的模板` };
}

const action = {
  name: { kind: 'text', required: true, label: '动作名称', meaning: 'HIS 发来的 action、FuncCode 或 param 的值；* = 所有不认识的名称', description: 'action, FuncCode or param as the HIS sends it; "*" = every name nobody knows', example: 'S0101' },
  as: { kind: 'choice', choices: TARGETS, required: true, label: '含义', meaning: '该动作怎样理解：event = 事件 JSON 或 XML；hl7 = HL7 v2 消息；ping = 立即应答不登记；note = 只留存；其它 = 它所代表的业务种类', description: 'event = event JSON or XML; hl7 = HL7 v2 message; ping = answered at once, nothing stored; note = stored, nothing to trace in it; or the event kind it stands for', example: 'dispense' },
} as const satisfies SettingTable;

/** Settings of the SOAP intake (`http.soap`), which is always on. */
export const settings = {
  mapping: { kind: 'text', default: 'standard', label: 'HL7 映射', meaning: '内容为 HL7 v2 消息时用哪个映射（mappings/ 下的目录名）；没有这个映射时 check 会报错', description: 'mapping that reads HL7 v2 messages sent as payload' },
  actions: { kind: 'list', of: action, label: '动作表', meaning: '本院自己的动作名称，优先于内置的动作表', description: 'action names of this site, before the built-in ones', example: '[{ name: S0101, as: dispense }]' },
  answers: {
    kind: 'section', label: '应答格式', description: 'format of the answer per service shape: mcci = MCCI_IN000002UV01 document with AA or AE, response = <Response><Body><ResultCode>, json, template = successTemplate and failureTemplate',
    fields: {
      hip: format('mcci', 'HIPMessageServer 应答', 'HIPMessageServer(action, message), urn:hl7-org:v3', 'HIPMessageServer(action, message) 的应答格式'),
      asmx: format('mcci', '.asmx 应答', 'HIPMessageServer(action, message), tempuri.org', '.asmx 写法的应答格式'),
      call: format('response', 'Call 应答', 'Call(FuncCode, input)', 'Call(FuncCode, input) 的应答格式'),
      service: format('json', 'service 应答', 'service(param, data)', 'service(param, data) 的应答格式'),
    },
  },
  okCode: { kind: 'text', default: '1', label: '成功代码', meaning: 'response 格式下接收成功时的 ResultCode；各厂商习惯 1、0 或 200', description: 'ResultCode of format response when the call was taken; vendors use 1, 0, 200' },
  failedCode: { kind: 'text', default: '0', label: '失败代码', meaning: 'response 格式下拒收时的 ResultCode', description: 'ResultCode of format response when it was refused' },
  successTemplate: { kind: 'text', default: '<Response><errcode>1</errcode><errmsg>{message}</errmsg></Response>', label: '成功模板', meaning: 'template 格式下成功应答的文字；可用 {id} {code} {message} {action} {requestId} {time}，按首字符自动转义为 XML 或 JSON', description: 'format template: answer of a call that was taken; {id} {code} {message} {action} {requestId} {time} are put in, escaped for XML or JSON by the first character' },
  failureTemplate: { kind: 'text', default: '<Response><errcode>0</errcode><errmsg>{code} {message}</errmsg></Response>', label: '失败模板', meaning: 'template 格式下拒收应答的文字；可用的占位同上', description: 'format template: answer of a call that was refused' },
  refusals: { kind: 'choice', choices: ['answer', 'fault'], default: 'answer', label: '拒收的表达方式', meaning: 'answer = 拒收写在正常应答里（AE、ResultCode）；fault = 用 SOAP Fault 表达', description: 'how refused content is told: answer = in the answer of the operation (AE, ResultCode); fault = as a SOAP fault' },
  charset: { kind: 'choice', choices: ['utf-8', 'request'], default: 'utf-8', label: '应答字符集', meaning: 'utf-8 = 一律用 UTF-8 应答；request = 请求用 GBK/GB18030 时应答也用它', description: 'utf-8, or request = GBK/GB18030 where the request was' },
  resultElement: { kind: 'text', default: 'HIPMessageServerResult', pattern: /^[A-Za-z_][\w.-]{0,63}$/, label: '应答元素名', meaning: 'HIPMessageServerResponse 中装应答内容的元素名', description: 'element of HIPMessageServerResponse that holds the answer', example: 'payload' },
  address: { kind: 'url', label: 'WSDL 中的地址', meaning: '经代理访问时写进 WSDL 的地址；不填则用调用方所访问的主机', description: 'address written into the WSDL when the service is reached through a proxy; otherwise the host the caller asked', example: 'http://10.1.2.3:8680/soap/his' },
  tokenInQuery: { kind: 'boolean', default: false, label: '允许地址带令牌', meaning: 'true = 允许用 ?token=… 代替 Authorization 头，供不能设请求头的 HIS；令牌会留在代理的日志里，非必要不要打开', description: 'lets ?token=… stand for the Authorization header, for HIS programs that cannot set one; addresses end up in logs of proxies, so keep it off unless needed' },
  maxBytes: { kind: 'integer', default: 2_097_152, min: 1_024, max: 8_388_608, label: '请求大小上限', meaning: '单位字节，解压之后计；更大的请求被拒（RECORD_TOO_LARGE）', description: 'bytes of one request, after gzip' },
  maxEvents: { kind: 'integer', default: 1_000, min: 1, max: 1_000, label: '单次事件上限', meaning: '一次调用至多多少个事件；它们一起登记，有一个不行则都不登记', description: 'events of one call; they are taken together or not at all' },
} as const satisfies SettingTable;

export type SoapSettings = SettingsOf<typeof settings>;

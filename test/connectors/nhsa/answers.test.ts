import { expect } from 'chai';
import { classifier } from '../../../connectors/nhsa/answers.ts';
import { national } from './fixtures.ts';

const classify = classifier(national().answers);

const TEXTS: readonly (readonly [string, string])[] = [
  ['追溯码重复：89990010000000000001', 'DUPLICATE_CODE prove'], ['该追溯码已上传', 'DUPLICATE_CODE prove'], ['追溯码已销售', 'DUPLICATE_CODE prove'], ['该码已被使用', 'DUPLICATE_CODE prove'],
  ['批次流水号已存在', 'DUPLICATE_CODE prove'], ['违反唯一约束', 'DUPLICATE_CODE prove'],
  ['追溯码格式不正确', 'INVALID_CODE park'], ['追溯码不合法', 'INVALID_CODE park'], ['追溯码位数有误', 'INVALID_CODE park'],
  ['该追溯码未入库', 'CODE_NOT_INBOUND park'], ['医保目录编码不存在', 'CATALOG park'], ['药品未对照', 'CATALOG park'],
  ['manu_date不能为空', 'REQUIRED park'], ['缺少必填项', 'REQUIRED park'], ['setl_id不能为空', 'SETTLEMENT park'], ['结算ID不存在', 'SETTLEMENT park'],
  ['操作员未登记', 'AUTH retry'], ['验签失败', 'AUTH retry'], ['签名错误', 'AUTH retry'], ['签到编号已失效', 'AUTH sign-in-again'], ['请先签到', 'AUTH sign-in-again'], ['未签到：sign_no不能为空', 'AUTH sign-in-again'],
  ['签到流水号不存在,请重新签到', 'AUTH sign-in-again'], ['签到已过期', 'AUTH sign-in-again'], ['当日已签退，不能再次签到', 'AUTH retry'],
  ['签名超时', 'CLOCK retry'], ['请求过于频繁', 'THROTTLED retry'], ['系统繁忙，请稍后再试', 'SYSTEM retry'], ['系统维护中，服务不可用', 'SYSTEM retry'],
  ['系统处理超时，请稍后重试', 'SYSTEM ask'], ['系统异常', 'SYSTEM ask'], ['java.lang.NullPointerException', 'SYSTEM ask'], ['系统提示：未知', 'SYSTEM ask'],
  ['超过规定时限', 'RULE park'], ['违反限制用药规则', 'RULE park'], ['超限额', 'RULE park'], ['患者未参保', 'RULE park'], ['科室未登记', 'RULE park'], ['交易未开通', 'NOT_GRANTED retry'],
  ['长度超过30', 'FIELD_TOO_LONG park'], ['量子纠缠', 'UNKNOWN_TEXT park'], ['', 'UNKNOWN_TEXT park'],
];

describe('nhsa answer texts', () => {
  for (const [text, expected] of TEXTS) {
    it(`reads “${text}” as ${expected}`, () => {
      const { reason, then } = classify('-1', text);
      expect(`${reason} ${then}`).to.equal(expected);
    });
  }

  it('knows the clock fault by its number', () => {
    expect(classify('9000', 'x').reason).to.equal('CLOCK');
  });

  it('looks at the rows of the site first', () => {
    const own = classifier(national({ answers: [{ match: '量子', reason: 'RULE', then: 'retry' }] }).answers);
    expect(own('-1', '量子纠缠')).to.deep.equal({ reason: 'RULE', then: 'retry' });
  });

  it('refuses a site row that is no regular expression, naming it', () => {
    expect(() => national({ answers: [{ match: '(', reason: 'RULE', then: 'park' }] })).to.throw(/answers.*\(/);
  });
});

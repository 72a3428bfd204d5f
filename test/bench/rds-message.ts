/**
 * A synthetic RDS^O13 of about 2.2 kB: one visit, two lines, two codes each, with the segments a HIS really sends beside them.
 * @param n makes control id, prescription and codes unique
 */
export function rdsMessage(n: number): Buffer {
  const code = (at: number): string => `8999001${String(n * 4 + at).padStart(9, '0')}0001`;
  const time = '20261122093105';
  const order = (line: number): string[] => [
    `ORC|RE|CF${String(n)}-${String(line)}|FY${String(n)}-${String(line)}||CM||||${time}|8801^李药师||7001^王医生|XYF^西药房||${time}||0101^内科`,
    `RXE|1^BID^^${time}|YP0000${String(line)}^演示药品${String(line)}^HIS|1||片^片^HIS|TAB^片剂^HIS||饭后服用，每日两次，连续服用七天；如有不适请及时就诊并告知药师||2|盒^盒^HIS|0|7001^王医生|8801^李药师|CF${String(n)}`,
    `NTE|1||请于阴凉干燥处保存，避免儿童接触；拆封后请尽快使用，注意查看有效期。${'说明'.repeat(30)}`,
    `RXD|${String(line)}|YP0000${String(line)}^演示药品${String(line)}^HIS|${time}|2|盒^盒^HIS||CF${String(n)}||发药备注|8801^李药师|||XYF^西药房|||||A2401|20271231|BJ^演示制药有限公司|||||||||||||||${code(line * 2 - 2)}~${code(line * 2 - 1)}`,
    'RXR|PO^口服^HIS',
  ];
  const segments = [
    `MSH|^~\\&|HIS|H35010200001|TRACE|H35010200001|${time}||RDS^O13^RDS_O13|B${String(n)}|P|2.8|||AL|NE|CHN|UTF-8`,
    `PID|1||P${String(n)}^^^HIS^PI||演示患者^^^^^^L||19800101|M|||福建省示范市示范路 1 号||0591-00000000|||||SSN000000`,
    'PV1|1|O|MZ^^^示范医院||||7001^王医生|||内科||||1|||7001^王医生|OP|V' + String(n) + '|||||||||||||||||||||||||' + time,
    ...order(1), ...order(2),
  ];
  return Buffer.from(`${segments.join('\r')}\r`, 'utf8');
}

import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { gatewayHeaders } from '../../../connectors/nhsa/headers.ts';

const CALL = { at: 1_795_311_300_999, nonce: 'b1f1a8a4-0000-4000-8000-000000000001' };

describe('nhsa gateway headers', () => {
  it('signs timestamp, token, nonce and timestamp with SHA-256, lower-case hex, seconds', () => {
    const headers = gatewayHeaders({ paasId: 'p', paasToken: 'secret', digest: 'sha256' }, CALL);
    expect(headers).to.deep.equal({
      'x-tif-paasid': 'p', 'x-tif-timestamp': '1795311300', 'x-tif-nonce': CALL.nonce,
      'x-tif-signature': createHash('sha256').update(`1795311300secret${CALL.nonce}1795311300`).digest('hex'),
    });
    expect(headers['x-tif-signature']).to.match(/^[0-9a-f]{64}$/);
  });

  it('signs with SM3 where the gateway wants that', () => {
    // the digest itself is right: GB/T 32905 vector
    expect(createHash('sm3').update('abc').digest('hex')).to.equal('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
    const headers = gatewayHeaders({ paasId: 'p', paasToken: 'secret', digest: 'sm3' }, CALL);
    expect(headers['x-tif-signature']).to.equal(createHash('sm3').update(`1795311300secret${CALL.nonce}1795311300`).digest('hex'));
  });

  it('never sends the token', () => {
    expect(JSON.stringify(gatewayHeaders({ paasId: 'p', paasToken: 'secret', digest: 'sha256' }, CALL))).not.to.include('secret');
  });
});

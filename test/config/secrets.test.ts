import { expect } from 'chai';
import { printConfig } from '../../adapter/config/print-config.ts';
import { configOf, PARTS, problemsOf, SITE } from './parts.ts';

const destination = (token: string, more = ''): string => `${SITE}\ndestinations:\n  insurance: { connector: nhsa, baseUrl: "http://h:1", token: ${token}${more} }`;
const tokenOf = (text: string, env: Readonly<Record<string, string>> = {}): unknown => configOf(text, env).destinations[0]?.settings['token'];

describe('configuration: secrets and environment', () => {
  it('takes a secret from the environment or from a file, without the line break at its end', () => {
    expect(tokenOf(destination('"${TOKEN}"'), { TOKEN: 's3cret' })).to.equal('s3cret');
    expect(tokenOf(destination('"file:token.txt"'))).to.equal('from-a-file');
  });

  it('refuses a secret in the clear, and never repeats it', () => {
    for (const text of ['hunter2', '"x${TOKEN}"', '"prefix hunter2"']) {
      const [problem] = problemsOf(destination(text), { TOKEN: 'hunter2' });
      expect(problem?.path).to.equal('destinations.insurance.token');
      expect(JSON.stringify(problem)).not.to.contain('hunter2');
    }
  });

  it('names the variable that is not set and the file that cannot be read or is empty', () => {
    expect(problemsOf(destination('"${TOKEN}"'))[0]?.reason).to.contain('TOKEN');
    expect(problemsOf(destination('"${TOKEN}"'), { TOKEN: '' })[0]?.reason).to.contain('TOKEN');
    expect(problemsOf(destination('"file:gone.txt"'))[0]?.reason).to.contain('gone.txt').and.contain('ENOENT');
    expect(problemsOf(destination('"file:empty.txt"'))[0]?.reason).to.contain('empty.txt');
  });

  it('puts variables into any text, and leaves $${…} as it is', () => {
    const config = configOf(`${destination('"${T}"', ', headers: { a: "${A}-1", b: "$${A}" }')}\nhttp: { port: "\${P}" }`, { T: 't', A: 'x', P: '9000' });
    expect(config.destinations[0]?.settings['headers']).to.deep.equal({ a: 'x-1', b: '${A}' });
    expect(config.http.port).to.equal(9000);
  });

  it('refuses a database password in the clear, and takes one from the environment', () => {
    const [problem] = problemsOf(`${SITE}\nstore: { url: "postgres://u:hunter2@db/x" }`);
    expect(problem?.path).to.equal('store.url');
    expect(JSON.stringify(problem)).not.to.contain('hunter2');
    expect(configOf(`${SITE}\nstore: { url: "postgres://u:\${PW}@db/x" }`, { PW: 'hunter2' }).store.url).to.equal('postgres://u:hunter2@db/x');
    expect(configOf(`${SITE}\nstore: { url: "\${URL}" }`, { URL: 'postgres://u:hunter2@db/x' }).store.url).to.equal('postgres://u:hunter2@db/x');
  });

  it('reads TLS material from files and insists on both halves', () => {
    const tls = configOf(`${SITE}\nhttp: { tls: { cert: cert.pem, key: "file:key.pem" } }`).http.tls;
    expect(tls?.cert).to.contain('BEGIN CERTIFICATE');
    expect(tls?.key).to.contain('BEGIN PRIVATE KEY');
    expect(problemsOf(`${SITE}\nhttp: { tls: { cert: "file:cert.pem" } }`)[0]?.path).to.equal('http.tls');
    expect(problemsOf(`${SITE}\nhttp: { tls: { cert: plain.txt, key: "file:key.pem" } }`)[0]?.reason).to.contain('PEM');
  });

  it('prints the configuration in effect with every secret masked', () => {
    const config = configOf(`${destination('"${TOKEN}"')}\nstore: { url: "postgres://u:\${PW}@db/x" }\nsources: { a: { connector: his-hl7v2 } }\nhttp: { tls: { cert: cert.pem, key: "file:key.pem" } }`, { TOKEN: 'hunter2', PW: 'hunter3' });
    const text = printConfig(config, PARTS);
    expect(text).not.to.match(/hunter|PRIVATE/);
    expect(text).to.contain('postgres://u:******@db/x').and.contain('token: "******"').and.contain('idle: 1m').and.contain('port: 2575');
  });
});

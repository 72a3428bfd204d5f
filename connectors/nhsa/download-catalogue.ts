import type { CatalogueAnswer, CatalogueDownload } from '../../adapter/ports/catalogue-download.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Classify } from './answers.ts';
import { faultOf } from './exchange.ts';
import type { Answer } from './exchange.ts';
import type { Profile } from './profile.ts';
import { member, textOf } from './reply.ts';
import type { Reply } from './reply.ts';
import type { SignedSession } from './session.ts';
import type { FetchFile } from './file-call.ts';

export interface CatalogueDeps {
  readonly session: Pick<SignedSession, 'call' | 'signIn'>;
  readonly fetchFile: FetchFile;
  readonly profile: Pick<Profile, 'catalogue' | 'emptyAnswer'>;
  readonly classify: Classify;
}

/**
 * 1301 names a file of what is newer than the version on file, 9102 gives it (insurance.md: 1301, 9102). An answer without a file,
 * without rows, or with the words of an empty query says that there is nothing newer (INFERRED: no source shows that answer).
 */
export function catalogueDownload(deps: CatalogueDeps): CatalogueDownload {
  return async ({ institution, version }, { signal }) => {
    const answer = await deps.session.call({ infno: '1301', institution, input: { data: { ver: version ?? deps.profile.catalogue.firstVersion } }, signal });
    if (answer.kind !== 'reply') return { kind: 'fault', ...faultOf(answer) };
    const { reply } = answer;
    if (!reply.ok) return new RegExp(deps.profile.emptyAnswer).test(reply.text) ? { kind: 'up-to-date' } : refused(reply, deps);
    const number = textOf(member(reply.output, 'file_qury_no')).trim();
    const announced = textOf(member(reply.output, 'data_cnt')).trim();
    const rows = /^\d{1,9}$/.test(announced) ? Number(announced) : undefined;
    if (number === '' || rows === 0) return { kind: 'up-to-date' };
    return fetchNamed(deps, institution, { number, rows, signal });
  };
}

async function fetchNamed(deps: CatalogueDeps, institution: Institution, file: { readonly number: string; readonly rows: number | undefined; readonly signal: AbortSignal }): Promise<CatalogueAnswer> {
  const input = { fsDownloadIn: { file_qury_no: file.number, filename: deps.profile.catalogue.fileName, fixmedins_code: institution.code } };
  // 1301 has just signed in where that is needed
  const signedIn = await deps.session.signIn(institution);
  if ('kind' in signedIn) return { kind: 'fault', ...faultOf(signedIn) };
  const got = await deps.fetchFile({ infno: '9102', institution, input, signal: file.signal }, signedIn.signNo);
  if (got.kind === 'file') return { kind: 'file', rows: file.rows, chunks: got.chunks };
  return faultFrom(got, deps);
}

function faultFrom(answer: Answer, deps: CatalogueDeps): CatalogueAnswer {
  if (answer.kind !== 'reply') return { kind: 'fault', ...faultOf(answer) };
  if (answer.reply.ok) return { kind: 'fault', reason: 'BAD_REPLY', peerText: '9102 没有给出文件' };
  return refused(answer.reply, deps);
}

function refused(reply: Reply, { classify }: CatalogueDeps): CatalogueAnswer {
  return { kind: 'fault', reason: classify(reply.code, reply.text).reason, peerCode: reply.code, peerText: reply.text };
}

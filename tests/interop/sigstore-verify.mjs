// SPDX-License-Identifier: Apache-2.0
// sigstore-verify.mjs MODULES ROOT ARTIFACT IDENTITY ISSUER < BUNDLES: what @sigstore/verify thinks of each bundle whose path is a line;
// prints "good PATH" or "bad PATH: WHY".
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [modules, rootFile, artifactFile, identity, issuer] = process.argv.slice(2);
const require = createRequire(modules + '/');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');

const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(readFileSync(rootFile, 'utf8'))));
const verifier = new Verifier(material, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 });
const artifact = readFileSync(artifactFile);
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const policy = { subjectAlternativeName: `^${escaped(identity)}$`, extensions: { issuer } };

for (const path of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
	try {
		const bundle = bundleFromJSON(JSON.parse(readFileSync(path, 'utf8')));
		const entity = bundle.content.$case === 'dsseEnvelope' ? toSignedEntity(bundle) : toSignedEntity(bundle, artifact);
		verifier.verify(entity, policy);
		console.log(`good ${path}`);
	} catch (e) {
		console.log(`bad ${path}: ${String(e.message).split('\n')[0]}`);
	}
}

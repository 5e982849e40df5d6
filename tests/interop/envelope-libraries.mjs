// SPDX-License-Identifier: Apache-2.0
// Envelopes of the Notary Project by jose, and by cborg with Node's own signatures.
//   node envelope-libraries.mjs read ENVELOPE...
//   node envelope-libraries.mjs sign PAYLOAD KEY CHAIN ALG SCHEME >ENVELOPE        a JWS
import { readFileSync } from 'node:fs'
import crypto from 'node:crypto'
import * as cborg from 'cborg'
import * as jose from 'jose'

const N = 'io.cncf.notary.'
const crit = Object.fromEntries(['signingScheme', 'expiry', 'authenticSigningTime'].map(n => [N + n, true]))
const algs = { '-7': ['ES256', 'sha256'], '-35': ['ES384', 'sha384'], '-36': ['ES512', 'sha512'],
  '-37': ['PS256', 'sha256'], '-38': ['PS384', 'sha384'], '-39': ['PS512', 'sha512'] }
const time = decode => ({ time: decode() })
const tags = []
tags[1] = time
tags[18] = decode => decode()

const readJws = async data => {
  const e = JSON.parse(data)
  const key = new crypto.X509Certificate(Buffer.from(e.header.x5c[0], 'base64')).publicKey
  // what jose does not know of is the application's: the unprotected chain and agent
  const { payload, protectedHeader } = await jose.flattenedVerify({ payload: e.payload, protected: e.protected, signature: e.signature }, key, { crit })
  return [protectedHeader.alg, payload]
}

const readCose = data => {
  const options = { tags, useMaps: true, strict: true, rejectDuplicateMapKeys: true }
  const [protectedBytes, unprotected, payload, signature] = cborg.decode(data, options)
  const header = cborg.decode(protectedBytes, options)
  const [alg, digest] = algs[header.get(1)]
  const key = new crypto.X509Certificate(unprotected.get(33)[0]).publicKey
  const signed = cborg.encode(['Signature1', protectedBytes, new Uint8Array(0), payload])
  const how = alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST }
  if (!crypto.verify(digest, signed, { key, ...how }, signature)) throw new Error('the signature does not match')
  if (typeof header.get(N + 'signingTime').time !== 'number') throw new Error('no time')
  return [alg, payload]
}

const [what, ...args] = process.argv.slice(2)
if (what === 'read') {
  for (const file of args) {
    const data = readFileSync(file)
    const [alg, payload] = data[0] === 0x7b ? await readJws(data) : readCose(data)
    console.log(alg, JSON.parse(Buffer.from(payload)).targetArtifact.digest)
  }
} else {
  const [payload, keyFile, chainFile, alg, scheme] = args
  const authority = scheme.endsWith('Authority')
  const when = N + (authority ? 'authenticSigningTime' : 'signingTime')
  const key = crypto.createPrivateKey(readFileSync(keyFile))
  const x5c = readFileSync(chainFile, 'utf8').split('-----BEGIN CERTIFICATE-----').slice(1).map(b => b.split('-----END')[0].replace(/\s/g, ''))
  const header = { alg, crit: [N + 'signingScheme', ...(authority ? [when] : [])], cty: 'application/vnd.cncf.notary.payload.v1+json',
    [N + 'signingScheme']: scheme, [when]: new Date().toISOString().replace(/\.\d+Z/, 'Z') }
  const jws = await new jose.FlattenedSign(readFileSync(payload)).setProtectedHeader(header).setUnprotectedHeader({ x5c, [N + 'signingAgent']: 'jose' })
    .sign(key, { crit })
  process.stdout.write(JSON.stringify(jws))
}

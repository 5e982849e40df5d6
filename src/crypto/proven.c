/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been found true of certificates in this process, so that a thousand signatures with one
 * certificate do not have it checked a thousand times.
 *
 * Why that is safe:
 * - Only what depends on nothing but the bytes of certificates is remembered: that one is signed by
 *   the key of another, and that a chain keeps the rules for a purpose. Time, trust stores,
 *   identities and revocation are asked anew each time.
 * - The key is SHA-256 over the kind of statement and the whole DER of every certificate that it is
 *   about, or that DER's SHA-256, each with its length before it. Whoever wants another certificate
 * to pass for one that was checked needs a collision of SHA-256, with which signatures could be
 * forged as well.
 * - Only what was found true is remembered: what failed, for want of memory perhaps, is tried
 * again.
 * - A place in the table belongs to one statement. Whoever crowds others out makes us slower, and
 *   never wrong. Nothing here is secret.
 */
#include <pthread.h>
#include <string.h>

#include "crypto/chain.h"

/* Statements that are remembered at the most. */
enum { PROVEN = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct crypto_statement table[PROVEN];

/* SHA-256 spreads evenly: any bytes of it will do. An empty place holds zeros, which no certificate
 * is known to have as its digest. */
static struct crypto_statement *place_of(const struct crypto_statement *s)
{
	return &table[(s->digest[0] << 8 | s->digest[1]) % PROVEN];
}

struct crypto_statement crypto_statement(enum crypto_statement_kind kind,
					 const struct hm_str *certificates, size_t n)
{
	struct crypto_statement s = { 0 };
	const uint8_t which = (uint8_t)kind;
	CRYPTO_AUTO_HASH hash;
	crypto_hash_start(&hash, CRYPTO_SHA256);
	crypto_hash_add(&hash, hm_bytes(&which, 1));
	for (size_t i = 0; i < n; i++)
		crypto_hash_add_part(&hash, certificates[i]);
	crypto_hash_end(&hash, s.digest);
	return s;
}

bool crypto_is_proven(const struct crypto_statement *s)
{
	const struct crypto_statement *place = place_of(s);
	pthread_mutex_lock(&lock);
	bool known = memcmp(place->digest, s->digest, sizeof(s->digest)) == 0;
	pthread_mutex_unlock(&lock);
	return known;
}

void crypto_keep_proven(const struct crypto_statement *s)
{
	struct crypto_statement *place = place_of(s);
	pthread_mutex_lock(&lock);
	*place = *s;
	pthread_mutex_unlock(&lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that were parsed lately, by their bytes: a thousand signatures with one certificate
 * share one X509 and its public key, which nobody changes once they are parsed, and which count
 * their references. The bytes are compared whole: what comes out is what parsing them would give.
 */
#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "crypto/chain.h"

/* How many are kept, and how large each may be: a megabyte at the most. */
enum { PARSED = 64, PARSED_LARGEST = 16 * 1024 };

struct parsed {
	X509 *x; /* NULL: an empty place */
	unsigned char *der;
	size_t n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct parsed table[PARSED];

/* A certificate ends with a signature, which differs from any other. */
static struct parsed *place_of(struct hm_str der)
{
	enum { END = 32 };
	return &table[hm_hash(hm_from(der, der.n > END ? der.n - END : 0)) % PARSED];
}

/* The bytes of the first certificate; empty: its length cannot be told, or it is too large. */
static struct hm_str first_of(struct hm_str der)
{
	const unsigned char *start = (const unsigned char *)der.p, *at = start;
	long n = 0;
	int tag, class;
	int form = ASN1_get_object(&at, &n, &tag, &class, (long)der.n);
	size_t whole = (size_t)(at - start) + (size_t)n;
	/* an error has bit 7; an unknown length has bit 0 */
	return form == V_ASN1_CONSTRUCTED && whole <= PARSED_LARGEST ? hm_sub(der, 0, whole)
								     : HM_STR("");
}

X509 *crypto_parsed_recall(struct hm_str der, size_t *out_n)
{
	struct hm_str one = first_of(der);
	X509 *x = NULL;
	if (!one.n)
		return NULL;
	pthread_mutex_lock(&lock);
	const struct parsed *p = place_of(one);
	if (p->n == one.n && memcmp(p->der, one.p, one.n) == 0 && X509_up_ref(p->x))
		x = p->x;
	pthread_mutex_unlock(&lock);
	*out_n = one.n;
	return x;
}

void crypto_parsed_keep(struct hm_str der, X509 *x)
{
	unsigned char *copy = der.n <= PARSED_LARGEST ? OPENSSL_memdup(der.p, der.n) : NULL;
	if (!copy || !X509_up_ref(x)) {
		OPENSSL_free(copy);
		return;
	}
	pthread_mutex_lock(&lock);
	struct parsed *p = place_of(der), old = *p;
	*p = (struct parsed){ x, copy, der.n };
	pthread_mutex_unlock(&lock);
	X509_free(old.x);
	OPENSSL_free(old.der);
}

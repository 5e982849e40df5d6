/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL looks up all algorithms of a kind before it has one of them: all digests for SHA-256, all
 * kinds of keys and all forms that they are written in for the first certificate. That took half of
 * the instructions of a command that verifies one signature. So a provider stands before OpenSSL's
 * default one, which is the default one with less on its lists: what nearly all signatures are made
 * of. When something else is met, the default provider comes in itself.
 */
#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key.h"

enum { NAMES = 4, FORMS = 2, CHOSEN = 8 };

/* What is offered of one kind of algorithm, by the first of the names that OpenSSL has for each. */
struct offer {
	int kind;
	const char *names[NAMES];
	const char *forms[FORMS]; /* of its properties, one; none: whatever they are */
};

/* clang-format off */
static const struct offer offers[] = {
	{ OSSL_OP_DIGEST,    { "SHA1", "SHA2-256", "SHA2-384", "SHA2-512" }, { 0 } },
	{ OSSL_OP_KEYMGMT,   { "RSA", "EC", "ED25519" }, { 0 } },
	{ OSSL_OP_SIGNATURE, { "RSA", "ECDSA", "ED25519" }, { 0 } },
	{ OSSL_OP_DECODER,   { "RSA", "EC", "ED25519" }, { "structure=SubjectPublicKeyInfo", "structure=PrivateKeyInfo" } },
};
/* clang-format on */

static OSSL_ALGORITHM chosen[HM_LEN(offers)][CHOSEN + 1];
static OSSL_STORE_LOADER *holder; /* while it is there, so is its provider */
static atomic_bool is_wanted, is_few;

static const OSSL_PROVIDER *whole(void)
{
	return OSSL_STORE_LOADER_get0_provider(holder);
}

/* "RSA:rsaEncryption:1.2.840.113549.1.1.1" */
static bool has_first_name(const char *names, const char *name)
{
	size_t n = strlen(name);
	return strncmp(names, name, n) == 0 && (names[n] == ':' || !names[n]);
}

static bool is_offered(const struct offer *o, const OSSL_ALGORITHM *a)
{
	bool is_named = false, has_form = !o->forms[0];
	for (size_t i = 0; i < NAMES && o->names[i]; i++)
		is_named = is_named || has_first_name(a->algorithm_names, o->names[i]);
	for (size_t i = 0; i < FORMS && o->forms[i]; i++)
		has_form = has_form || strstr(a->property_definition, o->forms[i]);
	return is_named && has_form;
}

/* False: not all that is offered is there, or the provider makes its lists anew each time. */
static bool choose(size_t which)
{
	const struct offer *o = &offers[which];
	size_t n = 0, least = 0;
	int no_cache = 0;
	const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(whole(), o->kind, &no_cache);
	while (least < NAMES && o->names[least])
		least++;
	for (; a && a->algorithm_names && n < CHOSEN; a++)
		if (is_offered(o, a))
			chosen[which][n++] = *a;
	return n >= least && !no_cache;
}

static const OSSL_ALGORITHM *list_algorithms(void *provider, int kind, int *no_cache)
{
	(void)provider;
	for (size_t i = 0; i < HM_LEN(offers); i++) {
		if (offers[i].kind == kind) {
			*no_cache = 0;
			return chosen[i];
		}
	}
	return OSSL_PROVIDER_query_operation(whole(), kind, no_cache);
}

static int tell_capabilities(void *provider, const char *what, OSSL_CALLBACK *tell, void *arg)
{
	(void)provider;
	return OSSL_PROVIDER_get_capabilities(whole(), what, tell, arg);
}

static int start_provider(const OSSL_CORE_HANDLE *self, const OSSL_DISPATCH *core,
			  const OSSL_DISPATCH **out, void **out_provider)
{
	static const OSSL_DISPATCH functions[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))list_algorithms },
		{ OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))tell_capabilities },
		OSSL_DISPATCH_END
	};
	(void)self, (void)core;
	*out = functions;
	*out_provider = OSSL_PROVIDER_get0_provider_ctx(whole());
	return 1;
}

/* The default provider is started, and taken off the list of those that are asked. */
static bool put_before_default(void)
{
	OSSL_PROVIDER *all = OSSL_PROVIDER_load(NULL, "default");
	holder = all ? OSSL_STORE_LOADER_fetch(NULL, "file", NULL) : NULL;
	if (!holder)
		return false;
	for (size_t i = 0; i < HM_LEN(offers); i++)
		if (!choose(i))
			return false;
	return OSSL_PROVIDER_add_builtin(NULL, "hullmark", start_provider) == 1 &&
	       OSSL_PROVIDER_load(NULL, "hullmark") && OSSL_PROVIDER_unload(all) == 1;
}

static void take_all(void)
{
	if (!OSSL_PROVIDER_load(NULL, "default"))
		abort();
	atomic_store(&is_few, false);
}

/* Not before OpenSSL is needed: many a command does without. Where it was used before, its default
 * provider is there already, and stays. */
static void begin(void)
{
	if (!atomic_load(&is_wanted))
		return;
	atomic_store(&is_few, true);
	if (!put_before_default())
		take_all();
	ERR_clear_error();
}

bool crypto_has_few(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, begin);
	return atomic_load(&is_few);
}

void crypto_start_with_few(void)
{
	if (!getenv("OPENSSL_CONF"))
		atomic_store(&is_wanted, true);
}

void crypto_need_all(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	atomic_store(&is_wanted, false);
	if (crypto_has_few())
		pthread_once(&once, take_all);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/libpq.h"

#include <dlfcn.h>
#include <pthread.h>

struct store_libpq store_libpq;

static hm_err load_library(struct hm_cx *cx)
{
	static bool loaded;
	void *symbol, *library = loaded ? NULL : dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
	if (loaded)
		return NULL;
	if (!library)
		return hm_fail(
			cx, HM_ABSENT,
			"no libpq, which talks to PostgreSQL (Debian, Ubuntu: apt install libpq5)");
#define LOAD(name)                                          \
	symbol = dlsym(library, #name);                     \
	memcpy(&store_libpq.name, &symbol, sizeof(symbol)); \
	if (!store_libpq.name)                              \
		return hm_fail(cx, HM_ABSENT, "this libpq has no %s()", #name);
	STORE_LIBPQ(LOAD)
#undef LOAD
	loaded = true;
	return NULL;
}

hm_err store_libpq_load(struct hm_cx *cx)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&lock);
	hm_err err = load_library(cx);
	pthread_mutex_unlock(&lock);
	return err;
}

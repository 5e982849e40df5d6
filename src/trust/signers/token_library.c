/* SPDX-License-Identifier: Apache-2.0 */
/* libp11-kit, and the token that a URI names among those of the modules that it knows. */
#include <dlfcn.h>

#include "trust/signers/token.h"

enum { SLOTS_MAX = 256 };

hm_err trust_token_library(struct hm_cx *cx, struct trust_token_library *out)
{
	void *lib = dlopen("libp11-kit.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		return hm_hint(cx,
			       hm_fail(cx, HM_SYSTEM, "could not load libp11-kit: %s", dlerror()),
			       "install p11-kit (Debian: libp11-kit0)");
#define LOAD(name)                                                       \
	out->name = (__typeof__(out->name))(uintptr_t)dlsym(lib, #name); \
	if (!out->name)                                                  \
		return hm_fail(cx, HM_SYSTEM, "libp11-kit has no \"%s\"", #name);
	TOKEN_LIBRARY(LOAD)
#undef LOAD
	return NULL;
}

hm_err trust_token_fail(struct hm_cx *cx, const struct trust_token *t, CK_RV rv, const char *what)
{
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE)
		return hm_fail(cx, HM_DENIED, "the PIN is not the right one");
	if (rv == CKR_PIN_LOCKED)
		return hm_fail(cx, HM_DENIED, "the token has locked its PIN");
	enum hm_code code = rv == CKR_USER_NOT_LOGGED_IN                         ? HM_DENIED
			    : rv == CKR_DEVICE_MEMORY || rv == CKR_SESSION_COUNT ? HM_BUSY
										 : HM_SYSTEM;
	return hm_fail(cx, code, "%s: %s", what, t->kit.p11_kit_strerror(rv));
}

static hm_err load_modules(struct hm_cx *cx, const struct trust_token *t, CK_FUNCTION_LIST ***out)
{
	const struct trust_token_library *k = &t->kit;
	const char *path = k->p11_kit_uri_get_module_path(t->uri);
	if (!path) {
		*out = k->p11_kit_modules_load_and_initialize(0);
		return *out ? NULL : hm_fail(cx, HM_SYSTEM, "the PKCS#11 modules cannot be loaded");
	}
	CK_FUNCTION_LIST *m = k->p11_kit_module_load(path, 0);
	if (!m)
		return hm_fail(cx, HM_INPUT, "the PKCS#11 module \"%s\" cannot be loaded", path);
	CK_RV rv = k->p11_kit_module_initialize(m);
	if (rv != CKR_OK)
		return trust_token_fail(cx, t, rv, "the PKCS#11 module does not start");
	*out = hm_new(cx, CK_FUNCTION_LIST *, 2);
	(*out)[0] = m;
	return NULL;
}

static bool is_module(const struct trust_token *t, CK_FUNCTION_LIST *m)
{
	const char *want = t->kit.p11_kit_uri_get_module_name(t->uri);
	const char *name = want ? t->kit.p11_kit_module_get_name(m) : NULL;
	CK_INFO info;
	if (want && (!name || strcmp(name, want) != 0))
		return false;
	return m->C_GetInfo(&info) == CKR_OK && t->kit.p11_kit_uri_match_module_info(t->uri, &info);
}

/* Those tokens of a module that are what the URI says; the last one is kept. */
static hm_err look_in_module(struct hm_cx *cx, CK_FUNCTION_LIST *m, struct trust_token *t,
			     size_t *found)
{
	CK_SLOT_ID slots[SLOTS_MAX], wanted = t->kit.p11_kit_uri_get_slot_id(t->uri);
	CK_ULONG n = SLOTS_MAX;
	CK_RV rv = m->C_GetSlotList(CK_TRUE, slots, &n);
	if (rv != CKR_OK)
		return trust_token_fail(cx, t, rv, "the PKCS#11 module does not list its tokens");
	for (CK_ULONG i = 0; i < n && i < SLOTS_MAX; i++) {
		CK_TOKEN_INFO info;
		if (m->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED) ||
		    (wanted != (CK_SLOT_ID)-1 && wanted != slots[i]) ||
		    !t->kit.p11_kit_uri_match_token_info(t->uri, &info))
			continue;
		t->module = m;
		t->slot = slots[i];
		t->info = info;
		++*found;
	}
	return NULL;
}

static hm_err parse_uri(struct hm_cx *cx, struct hm_str uri, struct trust_token *t)
{
	t->uri = t->kit.p11_kit_uri_new();
	int bad = t->kit.p11_kit_uri_parse(hm_dupz(cx, uri), P11_KIT_URI_FOR_ANY, t->uri);
	if (bad)
		return hm_fail(cx, HM_INPUT, "it is not a URI of a token: %s",
			       t->kit.p11_kit_uri_message(bad));
	if (t->kit.p11_kit_uri_any_unrecognized(t->uri))
		return hm_fail(cx, HM_INPUT, "it has an unknown attribute");
	return NULL;
}

hm_err trust_token_find(struct hm_cx *cx, struct hm_str uri, struct trust_token *out)
{
	struct trust_token t = { .handle = CK_INVALID_HANDLE };
	CK_FUNCTION_LIST **modules;
	size_t found = 0;
	HM_TRY(trust_token_library(cx, &t.kit));
	HM_TRY(parse_uri(cx, uri, &t));
	HM_TRY(load_modules(cx, &t, &modules));
	for (size_t i = 0; modules[i]; i++)
		if (is_module(&t, modules[i]))
			HM_TRY(look_in_module(cx, modules[i], &t, &found));
	if (!found)
		return hm_fail(cx, HM_INPUT, "no token matches it");
	if (found > 1)
		return hm_fail(cx, HM_INPUT,
			       "it matches %zu tokens; add token=LABEL or serial=NUMBER", found);
	CK_RV rv = t.module->C_OpenSession(t.slot, CKF_SERIAL_SESSION, NULL, NULL, &t.handle);
	if (rv != CKR_OK)
		return trust_token_fail(cx, &t, rv, "the token does not open");
	*out = t;
	return NULL;
}

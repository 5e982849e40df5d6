/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - p11-kit and the modules that it loads: used in a token's own process alone.
 */
#ifndef TRUST_SIGNERS_TOKEN_H
#define TRUST_SIGNERS_TOKEN_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "trust/signers/signers.h"

/* Those functions of libp11-kit that are used: it is loaded when there is a token, so that nothing
 * else pays for it. */
#define TOKEN_LIBRARY(X)                       \
	X(p11_kit_uri_new)                     \
	X(p11_kit_uri_parse)                   \
	X(p11_kit_uri_message)                 \
	X(p11_kit_uri_free)                    \
	X(p11_kit_uri_any_unrecognized)        \
	X(p11_kit_uri_match_module_info)       \
	X(p11_kit_uri_match_token_info)        \
	X(p11_kit_uri_get_slot_id)             \
	X(p11_kit_uri_get_module_name)         \
	X(p11_kit_uri_get_module_path)         \
	X(p11_kit_uri_get_attribute)           \
	X(p11_kit_modules_load_and_initialize) \
	X(p11_kit_module_load)                 \
	X(p11_kit_module_initialize)           \
	X(p11_kit_module_get_name)             \
	X(p11_kit_strerror)

#define TOKEN_FUNCTION_(name) __typeof__(name) *name;
struct trust_token_library {
	TOKEN_LIBRARY(TOKEN_FUNCTION_)
};
#undef TOKEN_FUNCTION_

/* HM_SYSTEM: libp11-kit is not installed. */
HM_MUST hm_err trust_token_library(struct hm_cx *cx, struct trust_token_library *out);

/* The one token that a URI names, opened. */
struct trust_token {
	struct trust_token_library kit;
	P11KitUri *uri;
	CK_FUNCTION_LIST *module;
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;
	CK_SESSION_HANDLE handle;
};
/* HM_INPUT: no URI of a token. HM_ABSENT is never said: *out_found is false where no token is it.
 * HM_USAGE: several are. */
HM_MUST hm_err trust_token_find(struct hm_cx *cx, struct hm_str uri, struct trust_token *out);
/* The fault that a CK_RV stands for. */
HM_MUST hm_err trust_token_fail(struct hm_cx *cx, const struct trust_token *t, CK_RV rv,
				const char *what);

#endif

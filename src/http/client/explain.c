/* SPDX-License-Identifier: Apache-2.0 */
/* What libcurl says of a request that failed, in our words. */
#include "http/client/curl.h"

struct curl_verdict {
	CURLcode code;
	enum hm_code fault;
	bool transient, unreached;
	const char *hint;
};

/* clang-format off */
static const struct curl_verdict verdicts[] = {
	{ CURLE_COULDNT_RESOLVE_HOST,  HM_SYSTEM, true,  true,  NULL },
	{ CURLE_COULDNT_RESOLVE_PROXY, HM_SYSTEM, true,  true,  NULL },
	{ CURLE_COULDNT_CONNECT,       HM_SYSTEM, true,  true,  NULL },
	{ CURLE_OPERATION_TIMEDOUT,    HM_BUSY,   true,  true,  "the same again later" },
	{ CURLE_PARTIAL_FILE,          HM_SYSTEM, true,  false, NULL },
	{ CURLE_SEND_ERROR,            HM_SYSTEM, true,  false, NULL },
	{ CURLE_RECV_ERROR,            HM_SYSTEM, true,  false, NULL },
	{ CURLE_GOT_NOTHING,           HM_SYSTEM, true,  false, NULL },
	{ CURLE_HTTP2,                 HM_SYSTEM, true,  false, NULL },
	{ CURLE_HTTP2_STREAM,          HM_SYSTEM, true,  false, NULL },
	{ CURLE_SSL_CONNECT_ERROR,     HM_SYSTEM, false, false, "--plain-http, if it talks HTTP without TLS" },
	{ CURLE_PEER_FAILED_VERIFICATION, HM_SYSTEM, false, false, "--ca-file FILE, to trust the authority of its certificate" },
};
/* clang-format on */

/* Alerts by which a server says that it wants another certificate of us, or one at all (RFC 8446,
 * 6.2), in OpenSSL's words. */
static bool is_about_our_certificate(struct hm_str words)
{
	static const char *const alerts[] = { "alert certificate", "alert bad certificate",
					      "alert unknown ca", "alert access denied" };
	for (size_t i = 0; i < HM_LEN(alerts); i++)
		if (hm_find(words, hm_cstr(alerts[i])) != SIZE_MAX)
			return true;
	return false;
}

hm_err http_curl_explain(struct hm_cx *cx, CURLcode code, const char *words,
			 struct http_transfer *t)
{
	struct curl_verdict v = { code, HM_SYSTEM, false, false, NULL };
	for (size_t i = 0; i < HM_LEN(verdicts); i++)
		if (verdicts[i].code == code)
			v = verdicts[i];
	if (is_about_our_certificate(hm_cstr(words)))
		v = (struct curl_verdict){
			code, HM_DENIED, false, false,
			"--cert-file FILE --key-file FILE, a certificate that the server knows"
		};
	t->transient = v.transient;
	t->unreached = v.unreached;
	struct hm_str why = hm_cstr(*words ? words : curl_easy_strerror(code));
	bool acronym = why.n > 1 && hm_lower_char(why.p[1]) != why.p[1]; /* "TLS connect error" */
	hm_err err = hm_fail(cx, v.fault, "%c%.*s", acronym ? why.p[0] : hm_lower_char(why.p[0]),
			     HM_FMT(hm_from(why, 1)));
	return v.hint ? hm_hint(cx, err, "%s", v.hint) : err;
}

/* OpenSSL's words for what is not a TLS record: an answer in plain text. A peer that says nothing
 * to our greeting may wait for the end of a line. */
bool http_curl_speaks_no_tls(CURL *curl, CURLcode code, const char *words)
{
	static const char *const signs[] = { "wrong version number", "packet length too long" };
	curl_off_t connected = 0, greeted = 0;
	for (size_t i = 0; code == CURLE_SSL_CONNECT_ERROR && i < HM_LEN(signs); i++)
		if (hm_find(hm_cstr(words), hm_cstr(signs[i])) != SIZE_MAX)
			return true;
	curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &greeted);
	return code == CURLE_OPERATION_TIMEDOUT && connected > 0 && greeted == 0;
}

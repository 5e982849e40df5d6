/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection negotiated, for the log. */
#include <openssl/ssl.h>

#include "http/client/curl.h"

static const char *or_none(const char *text)
{
	return text ? text : "none";
}

void http_curl_log_tls(struct hm_cx *cx, CURL *curl, struct hm_str url)
{
	struct curl_tlssessioninfo *info = NULL;
	const char *signature = NULL;
	long fresh = 0;
	if (!hm_log_on(HM_LOG_DEBUG) ||
	    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &fresh) != CURLE_OK || fresh == 0 ||
	    curl_easy_getinfo(curl, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
	    info->backend != CURLSSLBACKEND_OPENSSL || !info->internals)
		return;
	struct http_url u;
	if (http_url_parse(cx, url, &u)) /* it may end with a secret: only the host is told */
		return;
	SSL *ssl = info->internals;
	/* A TLS session that is resumed has no signature of its own. */
	SSL_get0_peer_signature_name(ssl, &signature);
	hm_log(cx, HM_LOG_DEBUG, "TLS", "server", hm_dupz(cx, u.host), "version",
	       SSL_get_version(ssl), "group", or_none(SSL_get0_group_name(ssl)), "signature",
	       or_none(signature), "cipher", SSL_get_cipher_name(ssl), NULL);
}

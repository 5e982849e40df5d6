/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry says to whoever uses it, and what must not be silent about how it is reached. */
#include <pthread.h>

#include "oci/remote/remote.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum { MOST = 256 }; /* different ones in one process */
static uint64_t shown[MOST];
static size_t shown_n;

/* Each once in this process, and no end of them not at all. */
static bool is_new(uint64_t hash)
{
	pthread_mutex_lock(&lock);
	bool fresh = shown_n < HM_LEN(shown);
	for (size_t i = 0; i < shown_n; i++)
		fresh = fresh && shown[i] != hash;
	if (fresh)
		shown[shown_n++] = hash;
	pthread_mutex_unlock(&lock);
	return fresh;
}

void oci_notice(struct hm_cx *cx, const char *event, struct hm_str host, struct hm_str text)
{
	struct hm_str all = hm_fmt(cx, "%zu:%s%zu:%.*s%.*s", strlen(event), event, host.n,
				   HM_FMT(host), HM_FMT(text));
	if (!is_new(hm_hash(all)))
		return;
	if (text.n)
		hm_log(cx, HM_LOG_WARN, event, "registry", hm_dupz(cx, host), "says",
		       hm_dupz(cx, text), NULL);
	else
		hm_log(cx, HM_LOG_WARN, event, "registry", hm_dupz(cx, host), NULL);
}

void oci_remote_warn(struct hm_cx *cx, const struct remote *r, const struct http_response *a)
{
	for (size_t i = 0; i < a->headers.n; i++) {
		struct hm_str text;
		if (hm_cmp_nocase(a->headers.p[i].name, HM_STR("warning")) == 0 &&
		    oci_warning_parse(cx, a->headers.p[i].value, &text))
			oci_notice(cx, "the registry warns", r->host, text);
	}
}

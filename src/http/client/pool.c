/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client/curl.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pipe.h"

enum {
	IDLE_MAX = 64, /* handles kept for later */
	SHARED = CURL_LOCK_DATA_LAST,
};

/* A handle keeps its connections; which peer it talked to last says who should get it next. */
struct idle {
	CURL *curl;
	uint64_t origin;
};

struct http_client {
	struct http_config config;
	pthread_mutex_t share_locks[SHARED];
	pthread_mutex_t lock; /* of what follows */
	/* Names and TLS sessions; not connections, which no lock makes safe. NULL: nothing has been
	 * asked for yet, and libcurl, which starts all of OpenSSL, has not been started for it. */
	CURLSH *share;
	struct curl_slist *connect_to;
	struct idle idle[IDLE_MAX];
	size_t idle_n;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_library(void)
{
	/* what it sends and receives may be a credential: it is wiped before it is given back */
	curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, hm_secret_free, hm_secret_realloc, strdup,
			     calloc);
}

static void lock_share(CURL *curl, curl_lock_data data, curl_lock_access access, void *arg)
{
	struct http_client *c = arg;
	(void)curl, (void)access;
	pthread_mutex_lock(&c->share_locks[data]);
}

static void unlock_share(CURL *curl, curl_lock_data data, void *arg)
{
	struct http_client *c = arg;
	(void)curl;
	pthread_mutex_unlock(&c->share_locks[data]);
}

static hm_err check_files(struct hm_cx *cx, const struct http_config *config)
{
	const struct {
		const char *what, *path;
	} files[] = { { "CA file", config->ca_file },
		      { "certificate", config->cert_file },
		      { "key", config->key_file } };
	for (size_t i = 0; i < HM_LEN(files); i++)
		if (files[i].path && access(files[i].path, R_OK) != 0)
			return hm_fail_os(cx, "could not read the %s \"%s\"", files[i].what,
					  files[i].path);
	return NULL;
}

hm_err http_client_open(struct hm_cx *cx, const struct http_config *config,
			struct http_client **out)
{
	struct http_client *c = hm_new(cx, struct http_client, 1);
	c->config = *config;
	HM_TRY(check_files(cx, config));
	c->config.connect_to = (struct hm_strs){ 0 };
	for (size_t i = 0; i < config->connect_to.n; i++)
		*hm_push(cx, &c->config.connect_to) = hm_dup(cx, config->connect_to.p[i]);
	pthread_mutex_init(&c->lock, NULL);
	for (size_t i = 0; i < SHARED; i++)
		pthread_mutex_init(&c->share_locks[i], NULL);
	*out = c;
	return NULL;
}

static void start_client(struct http_client *c)
{
	const struct hm_strs *to = &c->config.connect_to;
	pthread_once(&once, start_library);
	for (size_t i = 0; i < to->n; i++) /* they end with a NUL: hm_dup() */
		c->connect_to = curl_slist_append(c->connect_to, to->p[i].p);
	c->share = curl_share_init();
	if (!c->share)
		return;
	curl_share_setopt(c->share, CURLSHOPT_USERDATA, c);
	curl_share_setopt(c->share, CURLSHOPT_LOCKFUNC, lock_share);
	curl_share_setopt(c->share, CURLSHOPT_UNLOCKFUNC, unlock_share);
	curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

/* It says goodbye to a peer that may have gone. */
static void clean_up(CURL *curl)
{
	struct hm_pipe_held held;
	hm_pipe_hold(&held);
	curl_easy_cleanup(curl);
	hm_pipe_release(&held);
}

void http_client_close(struct http_client *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->idle_n; i++)
		clean_up(c->idle[i].curl);
	c->idle_n = 0;
	if (c->share) {
		curl_slist_free_all(c->connect_to);
		curl_share_cleanup(c->share);
	}
	for (size_t i = 0; i < SHARED; i++)
		pthread_mutex_destroy(&c->share_locks[i]);
	pthread_mutex_destroy(&c->lock);
}

CURL *http_pool_take(struct http_client *c, uint64_t origin)
{
	CURL *curl = NULL;
	pthread_mutex_lock(&c->lock);
	if (!c->share)
		start_client(c);
	bool started = c->share != NULL;
	size_t at = c->idle_n;
	for (size_t i = c->idle_n; i > 0 && at == c->idle_n; i--)
		if (c->idle[i - 1].origin == origin)
			at = i - 1;
	if (at == c->idle_n && c->idle_n == IDLE_MAX)
		at = 0;
	if (at < c->idle_n) {
		curl = c->idle[at].curl;
		memmove(&c->idle[at], &c->idle[at + 1], (c->idle_n - at - 1) * sizeof(c->idle[0]));
		c->idle_n--;
	}
	pthread_mutex_unlock(&c->lock);
	return curl || !started ? curl : curl_easy_init();
}

void http_pool_give(struct http_client *c, CURL *curl, uint64_t origin)
{
	curl_easy_reset(curl);
	pthread_mutex_lock(&c->lock);
	if (c->idle_n < IDLE_MAX) {
		c->idle[c->idle_n++] = (struct idle){ curl, origin };
		curl = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	if (curl)
		clean_up(curl);
}

const struct http_config *http_pool_config(const struct http_client *c)
{
	return &c->config;
}

struct curl_slist *http_pool_connect_to(const struct http_client *c)
{
	return c->connect_to;
}

CURLSH *http_pool_share(const struct http_client *c)
{
	return c->share;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/cache.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

enum { GENERATION_ENTRIES = 50000 };
static const size_t GENERATION_BYTES = 64 * HM_MIB;

/* What came in since the last turn. Replaced entries stay until the generation is forgotten, so
 * their bytes count too. */
struct generation {
	struct hm_cx cx;
	struct hm_map map;
	size_t bytes;
};

/* Somebody is computing this key; lives in the cx of whoever does, until it leaves. */
struct flight {
	struct hm_str key;
	struct flight *next;
};

struct gate_cache {
	pthread_mutex_t lock;
	pthread_cond_t landed;
	struct generation young, old;
	struct flight *flights;
	uint64_t changes;
};

struct gate_cache *gate_cache_open(struct hm_cx *cx)
{
	struct gate_cache *c = hm_new(cx, struct gate_cache, 1);
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->landed, &attr);
	pthread_condattr_destroy(&attr);
	c->young.cx = c->old.cx = HM_CX(SIZE_MAX);
	return c;
}

void gate_cache_close(struct gate_cache *c)
{
	if (!c)
		return;
	hm_cx_done(&c->young.cx);
	hm_cx_done(&c->old.cx);
	pthread_cond_destroy(&c->landed);
	pthread_mutex_destroy(&c->lock);
}

static struct gate_entry *copy_entry(struct hm_cx *cx, const struct gate_entry *e)
{
	struct gate_entry *to = hm_new(cx, struct gate_entry, 1);
	*to = *e;
	to->digest = hm_dup(cx, e->digest);
	to->why = hm_dup(cx, e->why);
	to->text = hm_dup(cx, e->text);
	return to;
}

static void turn_generations(struct gate_cache *c)
{
	hm_cx_done(&c->old.cx);
	c->old = c->young;
	c->young = (struct generation){ .cx = HM_CX(SIZE_MAX) };
}

static void put_entry(struct gate_cache *c, struct hm_str key, const struct gate_entry *e)
{
	if (c->young.map.n >= GENERATION_ENTRIES || c->young.bytes >= GENERATION_BYTES)
		turn_generations(c);
	struct generation *g = &c->young;
	void *old = hm_map_get(&g->map, key);
	struct gate_entry *fresh = copy_entry(&g->cx, e);
	g->bytes += sizeof(*e) + e->digest.n + e->why.n + e->text.n + key.n + 64;
	if (old) {
		/* The map keeps the key it has, which lives in this generation already. */
		*(struct gate_entry *)old = *fresh;
		return;
	}
	hm_map_put(&g->cx, &g->map, hm_dup(&g->cx, key), fresh);
}

static const struct gate_entry *find_entry(struct gate_cache *c, struct hm_str key, int64_t now)
{
	const struct gate_entry *e = hm_map_get(&c->young.map, key);
	if (!e) {
		e = hm_map_get(&c->old.map, key);
		if (e && e->until > now) {
			/* A turn would take the entry away while it is being copied: copy it
			 * first. */
			HM_AUTO_CX cx = HM_CX(SIZE_MAX);
			const struct gate_entry *kept = copy_entry(&cx, e);
			put_entry(c, key, kept);
			e = hm_map_get(&c->young.map, key);
		}
	}
	return e && e->until > now ? e : NULL;
}

static bool is_verdict(struct hm_str key)
{
	return key.n && key.p[0] == 'v';
}

bool gate_cache_is_kept(struct hm_str key, const struct gate_entry *e)
{
	return is_verdict(key) && e->admitted;
}

bool gate_cache_get(struct hm_cx *cx, struct gate_cache *c, struct hm_str key, int64_t now,
		    struct gate_entry *out)
{
	pthread_mutex_lock(&c->lock);
	const struct gate_entry *e = find_entry(c, key, now);
	if (e)
		*out = *copy_entry(cx, e);
	pthread_mutex_unlock(&c->lock);
	return e != NULL;
}

void gate_cache_put(struct gate_cache *c, struct hm_str key, const struct gate_entry *e)
{
	struct gate_entry fresh = *e;
	pthread_mutex_lock(&c->lock);
	/* a denial too: the verdict of yes that it replaces may be forgotten here, and kept there
	 */
	fresh.change = is_verdict(key) ? ++c->changes : 0;
	put_entry(c, key, &fresh);
	pthread_mutex_unlock(&c->lock);
}

bool gate_cache_add_text(struct gate_cache *c, struct hm_str key, int64_t now, struct hm_buf *out)
{
	pthread_mutex_lock(&c->lock);
	const struct gate_entry *e = find_entry(c, key, now);
	if (e)
		hm_buf_add(out, e->text);
	pthread_mutex_unlock(&c->lock);
	return e != NULL;
}

static bool is_in_flight(const struct gate_cache *c, struct hm_str key)
{
	for (const struct flight *f = c->flights; f; f = f->next)
		if (hm_eq(f->key, key))
			return true;
	return false;
}

/* Wait for a landing, a fifth of a second at most, so that cancellation is seen. */
static void wait_landing(struct gate_cache *c)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += 200000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	pthread_cond_timedwait(&c->landed, &c->lock, &at);
}

hm_err gate_cache_enter(struct hm_cx *cx, struct gate_cache *c, struct hm_str key,
			struct gate_entry *out, bool *out_lead)
{
	hm_err err = NULL;
	pthread_mutex_lock(&c->lock);
	for (;;) {
		const struct gate_entry *e = find_entry(c, key, hm_now());
		if (e) {
			*out = *copy_entry(cx, e);
			*out_lead = false;
			break;
		}
		if (!is_in_flight(c, key)) {
			struct flight *f = hm_new(cx, struct flight, 1);
			*f = (struct flight){ hm_dup(cx, key), c->flights };
			c->flights = f;
			*out_lead = true;
			break;
		}
		err = hm_alive(cx);
		if (err)
			break;
		wait_landing(c);
	}
	pthread_mutex_unlock(&c->lock);
	return err;
}

void gate_cache_leave(struct gate_cache *c, struct hm_str key)
{
	pthread_mutex_lock(&c->lock);
	for (struct flight **f = &c->flights; *f; f = &(*f)->next)
		if (hm_eq((*f)->key, key)) {
			*f = (*f)->next;
			break;
		}
	pthread_cond_broadcast(&c->landed);
	pthread_mutex_unlock(&c->lock);
}

size_t gate_cache_size(struct gate_cache *c)
{
	pthread_mutex_lock(&c->lock);
	size_t n = c->young.map.n + c->old.map.n;
	pthread_mutex_unlock(&c->lock);
	return n;
}

uint64_t gate_cache_changes(struct gate_cache *c)
{
	pthread_mutex_lock(&c->lock);
	uint64_t n = c->changes;
	pthread_mutex_unlock(&c->lock);
	return n;
}

static void add_changed(struct hm_cx *cx, const struct generation *g,
			const struct generation *newer, uint64_t since, struct gate_changes *out)
{
	for (size_t i = 0; i < g->map.n; i++) {
		struct hm_str key = g->map.entries[i].key;
		const struct gate_entry *e = g->map.entries[i].value;
		if (e->change > since && !(newer && hm_map_has(&newer->map, key)))
			*hm_push(cx, out) =
				(struct gate_change){ hm_dup(cx, key), *copy_entry(cx, e) };
	}
}

uint64_t gate_cache_changed(struct hm_cx *cx, struct gate_cache *c, uint64_t since,
			    struct gate_changes *out)
{
	pthread_mutex_lock(&c->lock);
	add_changed(cx, &c->old, &c->young, since, out);
	add_changed(cx, &c->young, NULL, since, out);
	uint64_t last = c->changes;
	pthread_mutex_unlock(&c->lock);
	return last;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: the thread that writes index.json of the repositories with many entries. After it has
 * written one it leaves that one alone for twenty times as long as the writing took, however many
 * pushes there are: so a file of 100,000 entries is some seconds behind the tables, and writing it
 * costs a twentieth of one processor.
 */
#include "oci/registry/registry.h"

/* With so few entries a file is written at once. */
enum { FEW_ENTRIES = 256, REST = 20, KEEPER_BUDGET = 64 * 1024 * 1024 };
static const int64_t after_failure = 5 * HM_SECOND;

static bool is_behind(const struct registry_repo *repo)
{
	return repo->loaded && repo->state.id && repo->state.generation > repo->state.written;
}

static void say_failed(const struct registry_repo *repo, hm_err err)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	hm_log(NULL, HM_LOG_WARN, "index.json is behind what the registry knows", "repository",
	       hm_dupz(&cx, repo->name), "why", err->why, NULL);
}

/* Its folder may be gone: then there is nothing to be written. `changing` is held. */
static hm_err settle_repository(struct hm_cx *cx, struct oci_registry *r,
				struct registry_repo *repo)
{
	int64_t stamp[3];
	if (oci_registry_stamp(r, repo->name, stamp))
		return oci_registry_settle_index(cx, r, repo);
	return oci_registry_forget(cx, r, repo);
}

static void settle_and_say(struct oci_registry *r, struct registry_repo *repo)
{
	HM_AUTO_CX cx = HM_CX(KEEPER_BUDGET);
	hm_err err = settle_repository(&cx, r, repo);
	if (!err)
		return;
	say_failed(repo, err);
	pthread_mutex_lock(&r->lock);
	repo->due = hm_mono() + after_failure;
	if (r->keeper.runs) /* who may be asleep without a time */
		pthread_cond_signal(&r->keeper.wake);
	pthread_mutex_unlock(&r->lock);
}

void oci_registry_keep(struct oci_registry *r, struct registry_repo *repo)
{
	if (oci_registry_state(r, repo).entries <= FEW_ENTRIES) {
		settle_and_say(r, repo);
		return;
	}
	pthread_mutex_lock(&r->lock);
	if (r->keeper.runs)
		pthread_cond_signal(&r->keeper.wake);
	pthread_mutex_unlock(&r->lock);
}

/* Written without holding up those who push; what somebody else wrote must be read with them held
 * up. */
static hm_err write_beside(struct hm_cx *cx, struct oci_registry *r, struct registry_repo *repo)
{
	bool foreign;
	hm_err err = NULL;
	pthread_mutex_lock(&repo->filing);
	err = oci_registry_write_index(cx, r, repo, &foreign);
	pthread_mutex_unlock(&repo->filing);
	if (!err && !foreign)
		return NULL;
	pthread_mutex_lock(&repo->changing);
	err = settle_repository(cx, r, repo);
	pthread_mutex_unlock(&repo->changing);
	return err;
}

static void write_one(struct oci_registry *r, struct registry_repo *repo)
{
	HM_AUTO_CX cx = HM_CX(KEEPER_BUDGET);
	int64_t begun = hm_mono();
	hm_err err = write_beside(&cx, r, repo);
	int64_t now = hm_mono();
	if (err)
		say_failed(repo, err);
	pthread_mutex_lock(&r->lock);
	repo->due = now + (err ? after_failure : REST * (now - begun));
	pthread_mutex_unlock(&r->lock);
}

/* The lock is held. The repository that is due, or NULL and the time when one will be; 0: none. */
static struct registry_repo *find_due(struct oci_registry *r, int64_t *out_when)
{
	int64_t now = hm_mono();
	*out_when = 0;
	for (size_t i = 0; i < r->repos.n; i++) {
		struct registry_repo *repo = r->repos.entries[i].value;
		if (!is_behind(repo))
			continue;
		if (repo->due <= now)
			return repo;
		if (!*out_when || repo->due < *out_when)
			*out_when = repo->due;
	}
	return NULL;
}

static void *run_keeper(void *arg)
{
	struct oci_registry *r = arg;
	int64_t when;
	pthread_mutex_lock(&r->lock);
	while (!r->keeper.stop) {
		struct registry_repo *repo = find_due(r, &when);
		struct timespec until = { .tv_sec = when / HM_SECOND, .tv_nsec = when % HM_SECOND };
		if (repo) {
			pthread_mutex_unlock(&r->lock);
			write_one(r, repo);
			pthread_mutex_lock(&r->lock);
		} else if (when) {
			pthread_cond_timedwait(&r->keeper.wake, &r->lock, &until);
		} else {
			pthread_cond_wait(&r->keeper.wake, &r->lock);
		}
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static hm_err read_behind(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	*hm_push(cx, (struct hm_strs *)arg) = hm_dup(cx, row[0].text);
	return NULL;
}

/* What a kill has left unwritten. */
static hm_err settle_left(struct hm_cx *cx, struct oci_registry *r)
{
	bool there;
	struct hm_strs names = { 0 };
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, r->tables, STORE_READ, &use));
	HM_TRY(store_run(cx, use, "SELECT name FROM repository WHERE generation > written",
			 STORE_NO_VALUES, read_behind, &names));
	store_end(&use);
	for (size_t i = 0; i < names.n; i++) {
		struct registry_repo *repo = oci_registry_repo_of(r, names.p[i]);
		HM_AUTO_CX one = HM_CX(KEEPER_BUDGET);
		hm_err err = oci_registry_repo_renew(&one, r, repo, &there);
		if (err)
			say_failed(repo, err);
		else
			settle_and_say(r, repo);
	}
	return NULL;
}

hm_err oci_registry_keeper_start(struct hm_cx *cx, struct oci_registry *r)
{
	HM_TRY(settle_left(cx, r));
	if (pthread_create(&r->keeper.thread, NULL, run_keeper, r) != 0)
		return hm_fail(cx, HM_SYSTEM, "could not start a thread");
	r->keeper.runs = true;
	return NULL;
}

void oci_registry_keeper_stop(struct oci_registry *r)
{
	if (!r->keeper.runs)
		return;
	pthread_mutex_lock(&r->lock);
	r->keeper.stop = true;
	pthread_cond_signal(&r->keeper.wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->keeper.thread, NULL);
	r->keeper.runs = false;
	for (size_t i = 0; i < r->repos.n; i++) {
		struct registry_repo *repo = r->repos.entries[i].value;
		if (is_behind(repo))
			settle_and_say(r, repo);
	}
}

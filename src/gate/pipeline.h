/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.h - what the files of gate/ share.
 */
#ifndef GATE_PIPELINE_H
#define GATE_PIPELINE_H

#include <pthread.h>

#include "evidence/evidence.h"
#include "gate/cache.h"
#include "gate/gate.h"
#include "gate/revision.h"

enum {
	GATE_DENIAL_SECONDS = 5,
	GATE_TAG_SECONDS = 5,
	GATE_UNKNOWN_SECONDS = 1,
	GATE_VERDICT_SECONDS = 3600,
	GATE_RELOAD_SECONDS = 2,
	GATE_UPDATE_SECONDS = 60, /* between two updates of trust stores that nobody waits for */
	GATE_UPDATE_AGAIN_SECONDS = 5, /* after one that failed, and somebody waits for */
	GATE_UPDATE_WAIT_SECONDS = 10, /* for one, where the request has no deadline */
	GATE_SNAPSHOTS = 4,
	/* Answers of one registry that are waited for at the same time: of one that has answered in
	 * the last minute, and of any other. More are "unknown" at once, so that a registry that
	 * hangs leaves workers to the rest. */
	GATE_ENGAGED_KNOWN = 48,
	GATE_ENGAGED = 16,
	GATE_WORKERS = 64,
	/* Gatekeeper's own patience is 3 s unless its provider says otherwise; the API server's 10
	 * s, and it says so: an answer that says why must come before. */
	GATE_PROVIDER_MS = 3000,
	GATE_ADMIT_MS = 10000,
	GATE_REGISTRIES = 256,
	GATE_THREADS = 8, /* requests to registries for one image at the same time */
};
static const size_t GATE_TASK_BUDGET __attribute__((unused)) = 512 * HM_MIB;

static const int64_t GATE_TIMEOUT_MOST __attribute__((unused)) = 30 * HM_SECOND;
static const int64_t GATE_MARGIN __attribute__((unused)) = HM_SECOND / 4;

/* Who asks one registry now. */
struct gate_turn {
	uint64_t host; /* hash of its name; 0: nobody's */
	unsigned engaged;
	int64_t good; /* monotonic, of its last answer; INT64_MIN: none */
};

/* Trust policy and store as they were read at one time; immutable but for the count. */
struct gate_snapshot {
	struct hm_cx cx;
	struct trust_config *trust; /* NULL: it could not be read */
	hm_err err;
	struct hm_str hash; /* of policy, store and the gate's settings; hex */
	uint64_t generation;
	unsigned refs; /* guarded by the gate's lock */
};

enum gate_counter {
	GATE_N_VERIFY,
	GATE_N_MUTATE,
	GATE_N_ADMIT,
	GATE_N_FAST,
	GATE_N_BAD,
	GATE_N_ADMITTED,
	GATE_N_DENIED,
	GATE_N_UNKNOWN,
	GATE_N_HITS,
	GATE_N_MISSES,
	GATE_N_RELOADS,
	GATE_N_RELOAD_FAILURES,
	GATE_N_UPDATES,
	GATE_N_UPDATE_FAILURES,
	GATE_COUNTERS
};
enum { GATE_BUCKETS = 8 };

struct gate {
	struct gate_config config;
	struct gate_cache *cache;
	struct store_tables *tables; /* of the persistent verdicts, or NULL */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct hm_cx seen_cx;  /* owns the next */
	struct gate_seen seen; /* which trust policy was in force; only who reloads comes here */
	struct gate_snapshot snapshots[GATE_SNAPSHOTS];
	struct gate_snapshot *current;
	atomic_uint_fast64_t generation; /* of the current snapshot */
	atomic_bool healthy;             /* the current snapshot has a trust policy */
	pthread_t keeper;
	bool kept, stop;
	struct gate_updates {
		pthread_mutex_t reload;     /* whoever reads the trust policy again */
		pthread_cond_t asked, done; /* with `lock` */
		pthread_t thread;
		bool runs;         /* there is a thread */
		bool wanted, busy; /* somebody waits for an update; there is one now */
		uint64_t rounds;   /* that have ended */
		int64_t ended;     /* monotonic, of the last one; INT64_MIN: none */
		bool failed;       /* it */
		atomic_bool ends;  /* the one that there is now is not waited for */
	} updates;
	uint64_t saved; /* number of the cache's last change that was written */
	atomic_uint_fast64_t counters[GATE_COUNTERS];
	atomic_uint_fast64_t bucket[GATE_BUCKETS + 1], nanoseconds;
	struct gate_turn turns[GATE_REGISTRIES]; /* under lock */
	struct http_route routes[4];
};

void gate_count(struct gate *g, enum gate_counter c);
/* How long one verdict took to compute, for the histogram. */
void gate_time(struct gate *g, int64_t nanoseconds);
/* Start the thread that reads the trust policy again and saves verdicts. */
void gate_start_keeper(struct gate *g);

/* Read policy and stores again; another content becomes the current snapshot. From any thread. */
void gate_reload(struct gate *g);
void gate_snapshots_done(struct gate *g);

/* --- updates.c --- */
void gate_updates_open(struct gate *g);
void gate_updates_close(struct gate *g);
/* Start the thread that keeps trust stores current. */
void gate_updates_start(struct gate *g);
/* Before what is in "registry/repository" is judged: if a trust store that its statement names is
 * too old, wait until it was brought up to date, or that failed, or there is no more time. */
void gate_updates_wait(struct hm_cx *cx, struct gate *g, const struct oci_target *t);

/* The current snapshot, held until it is let go. */
struct gate_snapshot *gate_hold(struct gate *g);
void gate_let_go(struct gate *g, struct gate_snapshot *s);

/* "[namespace]image" in its two parts; the namespace is empty where there is none. */
void gate_split_key(struct hm_str key, struct hm_str *out_namespace, struct hm_str *out_image);
/* Keys in the cache: of a verdict; of the answer to "[namespace]image", which may name a tag; of
 * the provider's written item of that answer. */
struct hm_str gate_verdict_key(struct hm_cx *cx, const struct gate_snapshot *s,
			       struct hm_str namespace, struct hm_str image);
struct hm_str gate_answer_key(struct hm_cx *cx, uint64_t generation, struct hm_str key);
struct hm_str gate_item_key(struct hm_cx *cx, uint64_t generation, struct hm_str key);
/* A pod's image name as containerd reads it; never a file or folder. HM_INPUT. */
HM_MUST hm_err gate_reference(struct hm_cx *cx, struct hm_str image, struct oci_target *out);

/* What can be said before anybody is asked: no reference, no digest, no statement; an exempt
 * namespace, where whoever named it may exempt. False: nothing, and *t is what the name means. */
struct gate_name {
	struct hm_str image, namespace; /* as written */
	bool exempts;                   /* whoever named the namespace may exempt by it */
};
bool gate_decide_name(struct hm_cx *cx, struct gate *g, const struct gate_name *name,
		      struct oci_target *t, struct gate_verdict *out);
/* The verdict where a tag could not be resolved. */
void gate_decide_unresolved(struct hm_cx *cx, hm_err err, struct gate_verdict *v);
/* Decide with this snapshot about an image whose digest is known. */
HM_MUST hm_err gate_decide_digest(struct hm_cx *cx, struct gate *g, const struct gate_snapshot *s,
				  const struct oci_target *t, struct hm_str digest,
				  struct gate_verdict *out);
/* The digest that a tag points to now. */
HM_MUST hm_err gate_resolve(struct hm_cx *cx, struct gate *g, const struct oci_target *t,
			    struct hm_str *out_digest);

/* --- turns.c --- */
/* Called before a registry is asked. HM_BUSY: too many requests to it are pending. */
HM_MUST hm_err gate_turn_begin(struct hm_cx *cx, struct gate *g, struct hm_str registry,
			       struct gate_turn **out);
void gate_turn_end(struct gate *g, struct gate_turn *t, bool good);
/* By when a caller that began to wait at `began`, and waits for `timeout`, must have its answer. */
int64_t gate_deadline(int64_t began, int64_t timeout);

/* The cached answer to "[namespace]image"; false: the cache has none that is valid. Never waits. */
bool gate_find_answer(struct hm_cx *cx, struct gate *g, struct hm_str key, struct gate_entry *out);
/* The cached answer to "[namespace]image", computed where there is none. */
HM_MUST hm_err gate_answer(struct hm_cx *cx, struct gate *g, struct hm_str key,
			   struct gate_entry *out);

/* The same for several, at the same time; one that could not be decided says so. In memory of
 * cx. */
HM_MUST hm_err gate_answers(struct hm_cx *cx, struct gate *g, const struct hm_strs *keys,
			    struct gate_entry **out);

/* --- images.c --- */

/* An image, and where it stands in an object. */
struct gate_use {
	const char *list;    /* "containers", "initContainers", "ephemeralContainers", "volumes" */
	struct hm_str name;  /* of the container or volume */
	struct hm_str image; /* as written; empty: a template leaves it open */
};
struct gate_uses {
	struct gate_use *p;
	size_t n, cap;
};
/* All of an object's, as gate_images() finds them. */
HM_MUST hm_err gate_uses_of(struct hm_cx *cx, struct json object, struct gate_uses *out);
/* The images, as written, each once; without those that stood at the same place `before` (NULL:
 * nothing did): in the same list, under the same name. An image that moves is new where it moves
 * to: what was only mounted, or ran once before the others, is not thereby let run for good. */
struct hm_strs gate_uses_images(struct hm_cx *cx, const struct gate_uses *uses,
				const struct gate_uses *before);

/* --- pack.c --- */
/* The bytes of a verdict; long texts in it are cut. HM_LIMIT. */
HM_MUST hm_err gate_verdict_pack(struct hm_cx *cx, const struct gate_verdict *v,
				 struct hm_str *out);
/* Its texts borrow from `bytes`. HM_INPUT: no verdict; HM_LIMIT: the budget. */
HM_MUST hm_err gate_verdict_unpack(struct hm_cx *cx, struct hm_str bytes, struct gate_verdict *out);

/* --- item.c --- */
/* The provider's item about `key`, as JSON. HM_INPUT: the entry has no valid verdict; HM_LIMIT. */
HM_MUST hm_err gate_item_write(struct hm_cx *cx, struct hm_str key, const struct gate_entry *e,
			       struct hm_str *out);

/* --- provider.c --- */
/* The response to a request that is not understood, or for which no time was left. */
void gate_provider_fault(hm_err err, struct hm_buf *out);

/* --- verdict.c --- */
struct gate_findings {
	struct gate_finding *p;
	size_t n, cap;
};
struct gate_reports {
	struct gate_report *p;
	size_t n, cap;
};
/* Sums up the findings: admitted, unknown, why. */
void gate_verdict_close(struct hm_cx *cx, struct gate_verdict *v);
/* A verdict of one finding. */
void gate_verdict_of(struct hm_cx *cx, struct gate_verdict *v, struct gate_finding finding);
/* Deep copy. */
struct gate_report gate_report_copy(struct hm_cx *to, const struct gate_report *r);

/* Whoever wants to hear of decisions hears of this one about "[namespace]image" (told.c). */
void gate_tell_decided(struct hm_cx *cx, struct gate *g, struct hm_str key, struct hm_str workload,
		       const struct gate_entry *e);

#endif

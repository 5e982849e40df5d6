/* SPDX-License-Identifier: Apache-2.0 */
/* How the gate is observed. */
#include "gate/pipeline.h"

void gate_count(struct gate *g, enum gate_counter c)
{
	atomic_fetch_add_explicit(&g->counters[c], 1, memory_order_relaxed);
}

static const struct counter_row {
	const char *name, *labels, *help;
} counter_rows[GATE_COUNTERS] = {
	/* clang-format off */
	[GATE_N_VERIFY]          = { "requests_total", "{endpoint=\"verify\"}", "Requests by endpoint." },
	[GATE_N_MUTATE]          = { "requests_total", "{endpoint=\"mutate\"}", NULL },
	[GATE_N_ADMIT]           = { "requests_total", "{endpoint=\"admit\"}", NULL },
	[GATE_N_FAST]            = { "fast_answers_total", "", "Requests answered from memory on the thread of the sockets." },
	[GATE_N_BAD]             = { "bad_requests_total", "", "Requests that were not understood or ran out of time." },
	[GATE_N_ADMITTED]        = { "verdicts_total", "{result=\"admitted\"}", "Verdicts that were computed, by result." },
	[GATE_N_DENIED]          = { "verdicts_total", "{result=\"denied\"}", NULL },
	[GATE_N_UNKNOWN]         = { "verdicts_total", "{result=\"unknown\"}", NULL },
	[GATE_N_HITS]            = { "cache_hits_total", "", "Answers found in the cache." },
	[GATE_N_MISSES]          = { "cache_misses_total", "", "Answers that had to be computed." },
	[GATE_N_RELOADS]         = { "policy_reloads_total", "{result=\"good\"}", "Changes of the trust policy that were seen." },
	[GATE_N_RELOAD_FAILURES] = { "policy_reloads_total", "{result=\"bad\"}", NULL },
	[GATE_N_UPDATES]         = { "trust_store_updates_total", "{result=\"good\"}", "Updates of trust stores that TUF keeps." },
	[GATE_N_UPDATE_FAILURES] = { "trust_store_updates_total", "{result=\"bad\"}", NULL },
	/* clang-format on */
};

static const double bucket_seconds[GATE_BUCKETS] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5 };

void gate_time(struct gate *g, int64_t nanoseconds)
{
	double seconds = (double)nanoseconds / (double)HM_SECOND;
	size_t i = 0;
	while (i < GATE_BUCKETS && seconds > bucket_seconds[i])
		i++;
	atomic_fetch_add(&g->bucket[i], 1);
	atomic_fetch_add(&g->nanoseconds, (uint64_t)(nanoseconds > 0 ? nanoseconds : 0));
}

void gate_put_metrics(struct gate *g, struct hm_buf *out)
{
	for (size_t i = 0; i < GATE_COUNTERS; i++) {
		const struct counter_row *r = &counter_rows[i];
		if (r->help)
			hm_buf_fmt(out,
				   "# HELP hullmark_gate_%s %s\n# TYPE hullmark_gate_%s counter\n",
				   r->name, r->help, r->name);
		hm_buf_fmt(out, "hullmark_gate_%s%s %llu\n", r->name, r->labels,
			   (unsigned long long)atomic_load(&g->counters[i]));
	}
	hm_buf_addz(out, "# HELP hullmark_gate_decision_seconds Time to compute a verdict.\n"
			 "# TYPE hullmark_gate_decision_seconds histogram\n");
	unsigned long long sum = 0;
	for (size_t i = 0; i <= GATE_BUCKETS; i++) {
		sum += atomic_load(&g->bucket[i]);
		if (i < GATE_BUCKETS)
			hm_buf_fmt(out, "hullmark_gate_decision_seconds_bucket{le=\"%g\"} %llu\n",
				   bucket_seconds[i], sum);
		else
			hm_buf_fmt(out, "hullmark_gate_decision_seconds_bucket{le=\"+Inf\"} %llu\n",
				   sum);
	}
	hm_buf_fmt(
		out,
		"hullmark_gate_decision_seconds_sum %.9f\nhullmark_gate_decision_seconds_count %llu\n",
		(double)atomic_load(&g->nanoseconds) / (double)HM_SECOND, sum);
	hm_buf_fmt(out,
		   "# HELP hullmark_gate_cache_entries Answers in memory.\n"
		   "# TYPE hullmark_gate_cache_entries gauge\nhullmark_gate_cache_entries %zu\n"
		   "# HELP hullmark_gate_policy_healthy Whether the trust policy could be read.\n"
		   "# TYPE hullmark_gate_policy_healthy gauge\nhullmark_gate_policy_healthy %d\n",
		   gate_cache_size(g->cache), atomic_load(&g->healthy) ? 1 : 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Counters, and their text; any thread. */
#include "http/server/server.h"

static const double bucket_seconds[TIME_BUCKETS] = { 0.0005, 0.001, 0.005, 0.01, 0.05,
						     0.1,    0.5,   1,     5 };

void http_metrics_count(struct http_server *s, const struct http_record *r)
{
	double seconds = (double)r->nanoseconds / (double)HM_SECOND;
	size_t i = 0, b = 0;
	while (b < TIME_BUCKETS && seconds > bucket_seconds[b])
		b++;
	pthread_mutex_lock(&s->metrics_lock);
	while (i < s->metrics_n &&
	       (s->metrics[i].route != r->route || s->metrics[i].status != r->status))
		i++;
	if (i == s->metrics_n && i < METRICS_MAX)
		s->metrics[s->metrics_n++] = (struct metric){ r->route, r->status, 0 };
	if (i < METRICS_MAX)
		s->metrics[i].n++;
	s->buckets[b]++;
	s->seconds_n++;
	s->seconds += seconds;
	pthread_mutex_unlock(&s->metrics_lock);
}

static void add_requests(struct http_server *s, struct hm_buf *out)
{
	for (size_t i = 0; i < s->metrics_n; i++)
		hm_buf_fmt(
			out,
			"hullmark_http_requests_total{server=\"%s\",route=\"%s\",status=\"%d\"} %llu\n",
			s->config.name, s->metrics[i].route, s->metrics[i].status,
			(unsigned long long)s->metrics[i].n);
}

static void add_times(struct http_server *s, struct hm_buf *out)
{
	static const char family[] = "hullmark_http_request_seconds";
	const char *name = s->config.name;
	uint64_t below = 0;
	for (size_t i = 0; i < TIME_BUCKETS; i++) {
		below += s->buckets[i];
		hm_buf_fmt(out, "%s_bucket{server=\"%s\",le=\"%g\"} %llu\n", family, name,
			   bucket_seconds[i], (unsigned long long)below);
	}
	unsigned long long n = s->seconds_n;
	hm_buf_fmt(out, "%s_bucket{server=\"%s\",le=\"+Inf\"} %llu\n", family, name, n);
	hm_buf_fmt(out, "%s_sum{server=\"%s\"} %.6f\n", family, name, s->seconds);
	hm_buf_fmt(out, "%s_count{server=\"%s\"} %llu\n", family, name, n);
}

static void add_number(struct http_server *s, struct hm_buf *out, const char *family, uint64_t v)
{
	hm_buf_fmt(out, "hullmark_http_%s{server=\"%s\"} %llu\n", family, s->config.name,
		   (unsigned long long)v);
}

static void add_queue(struct http_server *s, struct hm_buf *out)
{
	pthread_mutex_lock(&s->lock);
	unsigned queued = s->queue_n;
	pthread_mutex_unlock(&s->lock);
	add_number(s, out, "queue_depth", queued);
}

static void add_rejected(struct http_server *s, struct hm_buf *out)
{
	add_number(s, out, "rejected_total", atomic_load(&s->rejected));
}

static void add_made_room(struct http_server *s, struct hm_buf *out)
{
	add_number(s, out, "slow_closed_total", atomic_load(&s->made_room));
}

static void add_memory(struct http_server *s, struct hm_buf *out)
{
	add_number(s, out, "memory_bytes", atomic_load(&s->memory->held));
}

static void add_connections(struct http_server *s, struct hm_buf *out)
{
	add_number(s, out, "connections", atomic_load(&s->connections));
}

static const struct family {
	const char *name, *type, *help;
	void (*add)(struct http_server *s, struct hm_buf *out);
} families[] = {
	{ "requests_total", "counter", "Finished requests; status 0: the client went away.",
	  add_requests },
	{ "request_seconds", "histogram", "Time from a request's head to the end of its answer.",
	  add_times },
	{ "queue_depth", "gauge", "Requests that wait for a worker.", add_queue },
	{ "rejected_total", "counter",
	  "Requests turned away because the queue or the memory was full.", add_rejected },
	{ "slow_closed_total", "counter", "Slow connections that had to make room for others.",
	  add_made_room },
	{ "memory_bytes", "gauge", "Held for requests in flight; servers of a process share it.",
	  add_memory },
	{ "connections", "gauge", "Open connections.", add_connections },
};

void http_server_metrics(struct http_server *const *servers, size_t n, struct hm_buf *out)
{
	for (size_t f = 0; f < HM_LEN(families); f++) {
		hm_buf_fmt(out, "# HELP hullmark_http_%s %s\n# TYPE hullmark_http_%s %s\n",
			   families[f].name, families[f].help, families[f].name, families[f].type);
		for (size_t i = 0; i < n; i++) {
			pthread_mutex_lock(&servers[i]->metrics_lock);
			families[f].add(servers[i], out);
			pthread_mutex_unlock(&servers[i]->metrics_lock);
		}
	}
}

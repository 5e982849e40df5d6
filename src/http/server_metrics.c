/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

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
	hm_buf_addz(out, "# HELP hullmark_http_requests_total Finished requests; status 0: the "
			 "client went away.\n# TYPE hullmark_http_requests_total counter\n");
	for (size_t i = 0; i < s->metrics_n; i++)
		hm_buf_fmt(out, "hullmark_http_requests_total{route=\"%s\",status=\"%d\"} %llu\n",
			   s->metrics[i].route, s->metrics[i].status,
			   (unsigned long long)s->metrics[i].n);
}

static void add_times(struct http_server *s, struct hm_buf *out)
{
	uint64_t below = 0;
	hm_buf_addz(out,
		    "# HELP hullmark_http_request_seconds Time from a request's head to the end of "
		    "its answer.\n# TYPE hullmark_http_request_seconds histogram\n");
	for (size_t i = 0; i < TIME_BUCKETS; i++) {
		below += s->buckets[i];
		hm_buf_fmt(out, "hullmark_http_request_seconds_bucket{le=\"%g\"} %llu\n",
			   bucket_seconds[i], (unsigned long long)below);
	}
	hm_buf_fmt(out,
		   "hullmark_http_request_seconds_bucket{le=\"+Inf\"} %llu\n"
		   "hullmark_http_request_seconds_sum %.6f\n"
		   "hullmark_http_request_seconds_count %llu\n",
		   (unsigned long long)s->seconds_n, s->seconds, (unsigned long long)s->seconds_n);
}

void http_server_metrics(struct http_server *s, struct hm_buf *out)
{
	pthread_mutex_lock(&s->metrics_lock);
	add_requests(s, out);
	add_times(s, out);
	unsigned long long rejected = s->rejected;
	pthread_mutex_unlock(&s->metrics_lock);
	pthread_mutex_lock(&s->lock);
	unsigned queued = s->queue_n;
	pthread_mutex_unlock(&s->lock);
	hm_buf_fmt(
		out,
		"# HELP hullmark_http_queue_depth Requests that wait for a worker.\n"
		"# TYPE hullmark_http_queue_depth gauge\nhullmark_http_queue_depth %u\n"
		"# HELP hullmark_http_rejected_total Requests answered 503 because the queue was full.\n"
		"# TYPE hullmark_http_rejected_total counter\nhullmark_http_rejected_total %llu\n"
		"# HELP hullmark_http_connections Open connections.\n"
		"# TYPE hullmark_http_connections gauge\nhullmark_http_connections %zu\n",
		queued, rejected, atomic_load(&s->connections));
}
